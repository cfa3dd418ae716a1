package io.highwater.proto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BufLintTest {
  private static final Path BUF = Path.of("target", "buf", "buf");
  private static final Path CONTRACTS = Path.of("src", "main", "protobuf");

  @Test
  void contractsFollowBufsStandardRules(@TempDir Path home) throws Exception {
    assumeTrue(Files.exists(BUF), "skipped: Maven Central has no buf for this platform");

    assertThat(lint(CONTRACTS, home)).as("findings of buf lint").isEmpty();
  }

  @Test
  void linterFindsWhatBreaksTheRules(@TempDir Path home, @TempDir Path bad) throws Exception {
    assumeTrue(Files.exists(BUF), "skipped: Maven Central has no buf for this platform");
    Files.copy(CONTRACTS.resolve("buf.yaml"), bad.resolve("buf.yaml"));
    Files.writeString(bad.resolve("bad.proto"), "syntax = \"proto3\"; enum Kind { FIRST = 0; }");

    assertThat(lint(bad, home)).contains("_UNSPECIFIED").contains("package");
  }

  private static String lint(Path module, Path home) throws IOException, InterruptedException {
    assertThat(BUF.toFile().setExecutable(true)).isTrue();
    ProcessBuilder builder =
        new ProcessBuilder(BUF.toAbsolutePath().toString(), "lint")
            .directory(module.toFile())
            .redirectErrorStream(true);
    builder.environment().put("HOME", home.toString());
    builder.environment().put("BUF_CACHE_DIR", home.toString());
    Process process = builder.start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("buf ended").isTrue();
      return process.exitValue() == 0 ? output : output + "exit code " + process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }
}
