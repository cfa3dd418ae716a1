package io.highwater.log.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * INP-1, STO-3: a bounded run of the fuzz target in a JVM of 32 MiB. More of it, or one case again:
 * {@code -Dfuzz.seed=7 -Dfuzz.from=0 -Dfuzz.to=100000}.
 */
class FuzzTest {
  @TempDir Path scratch;

  @Test
  void hostileBytesMeetNothingButNamedErrors() throws Exception {
    Path output = scratch.resolve("fuzz.out");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx32m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            FuzzMain.class.getName(),
            System.getProperty("fuzz.seed", "1"),
            System.getProperty("fuzz.from", "0"),
            System.getProperty("fuzz.to", "4000"));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(10, TimeUnit.MINUTES)).as("ends in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    String text = Files.readString(output);
    assertThat(process.exitValue()).as(text).isZero();
    assertThat(text).containsPattern("refused \\d{3,} accepted \\d{3,}");
  }
}
