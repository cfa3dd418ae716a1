package io.highwater.perf.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ResultsFileTest {
  private static final String OLD =
      "{\"scenario\":\"s\",\"system\":\"kafka\",\"outcome\":\"MEASURED\","
          + "\"round\":1,\"metrics\":{\"recordsPerSecond\":5}}";

  @TempDir private Path directory;

  @Test
  void linesComeBackAsTheyWereAppended() throws IOException {
    ResultsFile file = new ResultsFile(directory.resolve("results.jsonl"));
    List<ResultLine> lines =
        List.of(
            SampleLines.measured("highwater", 1, 3e6),
            SampleLines.unmeasured("kafka", 1, Outcome.UNSOUND, "a \"line\"\nand another"));

    for (ResultLine line : lines) {
      file.append(line);
    }

    assertThat(file.read()).isEqualTo(lines);
    assertThat(Files.readAllLines(directory.resolve("results.jsonl"))).hasSize(2);
  }

  @Test
  void anOlderLineGetsNeutralValuesAndANewerOnesFieldsAreIgnored() throws IOException {
    String newer = OLD.replace("\"scenario\"", "\"colour\":{\"of\":[\"paint\"]},\"scenario\"");

    List<ResultLine> lines = file(OLD + "\n\n" + newer + "\n").read();

    assertThat(lines).hasSize(2);
    assertThat(lines.get(0)).isEqualTo(lines.get(1));
    assertThat(lines.get(0).commit()).isEqualTo("unknown");
    assertThat(lines.get(0).headlineMetrics()).containsExactly(Metric.RECORDS_PER_SECOND);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello",
        "{\"scenario\":\"s\"",
        "[]",
        "null",
        "{}",
        "{\"scenario\":\"s\",\"system\":\"k\",\"outcome\":\"MEASURED\"}",
        "{\"scenario\":\"s\",\"system\":\"k\",\"outcome\":\"SPLENDID\"}",
        "{\"scenario\":\"s\",\"system\":\"k\",\"outcome\":\"FAILED\",\"metrics\":{\"a\":\"b\"}}",
        "{\"scenario\":\"s\",\"system\":\"k\",\"outcome\":\"FAILED\",\"metrics\":{\"a\":1e999}}",
        "{\"scenario\":\"s\",\"system\":\"k\",\"outcome\":\"FAILED\",\"metrics\":{\"a\":null}}",
        "{\"scenario\":\"s\",\"system\":\"k\",\"outcome\":\"FAILED\"} and more"
      })
  void aDamagedLineIsNamedInOneLine(String damaged) throws IOException {
    ResultsFile file = file(OLD + "\n" + damaged + "\n" + OLD + "\n");

    assertThatIllegalArgumentException()
        .isThrownBy(file::read)
        .satisfies(
            e -> assertThat(e.getMessage()).contains("results.jsonl:2: ").doesNotContain("\n"));
  }

  @Test
  void anEmptyFileHoldsNoResults() throws IOException {
    ResultsFile file = file("\n");

    assertThatIllegalArgumentException().isThrownBy(file::read).withMessageContaining("no results");
  }

  @Test
  void aBinaryFileIsNoResultsFile() throws IOException {
    Path path = directory.resolve("binary");
    Files.write(path, new byte[] {(byte) 0xff, (byte) 0xfe, 0});

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ResultsFile(path).read())
        .withMessageContaining("UTF-8");
  }

  @Test
  void aFileThatIsNotThereIsAnIoError() {
    assertThatThrownBy(() -> new ResultsFile(directory.resolve("absent")).read())
        .isInstanceOf(NoSuchFileException.class);
  }

  private ResultsFile file(String text) throws IOException {
    Path path = directory.resolve("results.jsonl");
    Files.writeString(path, text);
    return new ResultsFile(path);
  }
}
