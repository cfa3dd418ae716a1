package io.highwater.perf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.highwater.client.cli.CliFailure;
import io.highwater.client.cli.CliStreams;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MicroVerbTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final MicroVerb verb =
      new MicroVerb(
          new CliStreams(
              InputStream.nullInputStream(), out, new PrintStream(err, true, UTF_8), false));

  private MicroVerb with(String... args) {
    CommandLine.populateCommand(verb, args);
    return verb;
  }

  @Test
  void aBenchmarkEndsAsALineOfJson() throws Exception {
    with(
            "LogReadBenchmark.sequential",
            "--forks=0",
            "--iterations=1",
            "--iteration-ms=10",
            "--param=readBytes=16384",
            "--prof=gc",
            "--output=json")
        .call();

    assertThat(out.toString(UTF_8).lines()).hasSize(1);
    JsonNode result = new ObjectMapper().readTree(out.toString(UTF_8));
    assertThat(result.get("benchmark").asText()).isEqualTo("LogReadBenchmark.sequential");
    assertThat(result.get("params").get("readBytes").asText()).isEqualTo("16384");
    assertThat(result.get("nanoseconds").asDouble()).isPositive();
    assertThat(result.get("profile").has("gc.alloc.rate.norm")).isTrue();
    assertThat(err.toString(UTF_8)).contains("Iteration");
  }

  @Test
  void aPatternThatNoBenchmarkHasIsAnError() {
    assertThatThrownBy(() -> with("nothing of that name", "--forks=0").call())
        .isInstanceOf(CliFailure.class)
        .hasMessageContaining("nothing of that name");
  }
}
