package io.highwater.server.cli;

import io.highwater.client.cli.CliError;
import io.highwater.client.cli.CliStreams;
import io.highwater.client.cli.OutputOption;
import io.highwater.log.io.FileStorage;
import io.highwater.log.verify.DirectoryVerifier;
import io.highwater.log.verify.Problem;
import io.highwater.log.verify.Verification;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code highwater log verify}. */
@Command(
    name = "verify",
    description = {
      "Look for damage: every byte and record of every segment, and all files about them.",
      "Only reads and takes no lock, so a running broker is no hindrance. A line for each problem,"
          + " then a summary; damage makes exit code 1."
    })
final class LogVerifyVerb implements Callable<Integer> {
  /**
   * A problem.
   *
   * @param position -1: the file as a whole
   */
  private record Damage(String file, long position, String what) {
    static Damage of(Problem problem) {
      return new Damage(problem.file().toString(), problem.position(), problem.what());
    }
  }

  private record Result(
      boolean sound,
      int partitions,
      int segments,
      long batches,
      long bytes,
      List<Damage> problems) {}

  private final CliStreams streams;

  @Parameters(paramLabel = "DIR", description = "A data directory, or one partition in it.")
  private Path directory;

  @Option(
      names = "--no-records",
      description =
          "Do not read records, only checksums: quicker, but blind to what no reader can.")
  private boolean withoutRecords;

  @Mixin private OutputOption output;

  LogVerifyVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    Verification found =
        new DirectoryVerifier(new FileStorage(), !withoutRecords, this::tell).verify(directory);
    Result result =
        new Result(
            found.problems().isEmpty(),
            found.partitions(),
            found.segments(),
            found.batches(),
            found.bytes(),
            found.problems().stream().map(Damage::of).toList());
    output.print(streams, result, () -> summary(result));
    if (!result.sound) {
      throw new HighwaterException(
          ErrorCode.CORRUPT_MESSAGE,
          result.problems.size() + " problems in " + directory + ", see above");
    }
    return CliError.DONE;
  }

  /** At once: a large directory takes its time. */
  private void tell(Problem problem) {
    if (!output.isJson()) {
      try {
        streams.print(problem + "\n");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static String summary(Result result) {
    return String.format(
        Locale.ROOT,
        "%d partitions, %d segments, %d batches, %d bytes: %s%n",
        result.partitions,
        result.segments,
        result.batches,
        result.bytes,
        result.sound ? "sound" : result.problems.size() + " problems");
  }
}
