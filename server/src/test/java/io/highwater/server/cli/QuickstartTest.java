package io.highwater.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole of it with real processes, small. */
class QuickstartTest {
  @TempDir Path directory;

  @Test
  void provesThatNothingIsLostWhenALeaderIsKilledAndLeavesNothingBehind() throws IOException {
    Path data = directory.resolve("data");
    Path input = directory.resolve("input");
    Files.writeString(input, "same\n\nsame\r\n\u0000".repeat(1_000));
    long before = ProcessHandle.current().children().count();
    Shell.Result result =
        Shell.run(
            "quickstart", "--input", input.toString(), "--data", data.toString(), "--output=json");
    assertThat(result.err()).doesNotContain("highwater: ");
    assertThat(result.exitCode()).isZero();
    JsonNode report = new ObjectMapper().readTree(result.out());
    assertThat(report.path("records").asLong()).isEqualTo(3_001);
    assertThat(report.path("killedBroker").asInt()).isBetween(1, 3);
    assertThat(data).doesNotExist();
    assertThat(ProcessHandle.current().children().count()).isEqualTo(before);
  }

  @Test
  void doesNotTouchADirectoryThatIsNotEmpty() throws IOException {
    Path file = Files.writeString(directory.resolve("mine"), "mine");
    Shell.Result result = Shell.run("quickstart", "--data", directory.toString());
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).startsWith("highwater: DATA_NOT_EMPTY: ");
    assertThat(file).hasContent("mine");
  }
}
