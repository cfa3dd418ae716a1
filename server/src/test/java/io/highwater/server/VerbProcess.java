package io.highwater.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.record.Codec;
import io.highwater.server.cli.HighwaterCommand;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A verb in a process of its own, for what only a JVM's flags can show. */
final class VerbProcess {
  private static final long PATIENCE_SECONDS = 60;

  /** What a verb left. */
  record Result(int exitCode, String out, String err) {
    /** What the verb says on standard error; the JVM may have remarks of its own. */
    List<String> errors() {
      assertThat(err).doesNotContain("\tat ");
      return err.lines().filter(line -> line.startsWith("highwater: ")).toList();
    }
  }

  private VerbProcess() {}

  /** Flags by which a codec's library is a file, made in a directory, that is none. */
  static List<String> withoutLibrary(Path directory, Codec codec) throws IOException {
    Path library = directory.resolve("libsnappyjava.so");
    Files.write(library, new byte[10]);
    return switch (codec) {
      case ZSTD -> List.of("-DZstdNativePath=" + library);
      case SNAPPY -> List.of("-Dorg.xerial.snappy.lib.path=" + directory);
      default -> throw new IllegalArgumentException(codec + " has none");
    };
  }

  /**
   * Runs a verb to its end.
   *
   * @param directory for its output
   * @param input its standard input
   */
  static Result run(Path directory, List<String> flags, String input, String... verb)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!flag.startsWith("-agentlib:") && !flag.startsWith("-Xm")) {
        command.add(flag);
      }
    }
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(flags);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), HighwaterCommand.class.getName()));
    command.addAll(List.of(verb));
    Path in = Files.writeString(Files.createTempFile(directory, "in", ""), input);
    Path out = Files.createTempFile(directory, "out", "");
    Path err = Files.createTempFile(directory, "err", "");
    Process process =
        new ProcessBuilder(command)
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
          .as("an end of %s", List.of(verb))
          .isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Result(
        process.exitValue(), Files.readString(out, UTF_8), Files.readString(err, UTF_8));
  }
}
