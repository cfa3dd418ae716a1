package io.highwater.perf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.highwater.client.cli.CliStreams;
import io.highwater.server.HighwaterServer;
import io.highwater.server.ServerConfig;
import io.highwater.server.config.Listener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PerfVerbsTest {
  @TempDir private static Path directory;

  private static HighwaterServer broker;
  private static String bootstrap;

  @BeforeAll
  static void start() {
    broker =
        new HighwaterServer(
            ServerConfig.of(
                Map.of(
                    "log.dirs",
                    directory.resolve("data").toString(),
                    "listeners",
                    "CLIENTS://127.0.0.1:0")));
    broker.start();
    bootstrap = "127.0.0.1:" + broker.address(Listener.CLIENTS).port();
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  /** What a verb left. */
  private record Ran(int exitCode, String out, String err) {
    JsonNode json() throws IOException {
      assertThat(out).endsWith("\n").hasLineCount(1);
      return new ObjectMapper().readTree(out);
    }
  }

  @Test
  void whatIsProducedIsConsumed() throws IOException {
    Ran produced =
        run(
            "produce",
            "both",
            "--records",
            "5000",
            "--record-size",
            "200",
            "--partitions",
            "3",
            "--warmup",
            "500",
            "--compression",
            "lz4",
            "--producers",
            "2",
            "--output",
            "json");
    Ran consumed = run("consume", "both", "--warmup", "1", "--output", "json");

    assertThat(produced.exitCode()).isZero();
    JsonNode sent = produced.json();
    assertThat(sent.at("/result/records").asLong()).isEqualTo(5_000);
    assertThat(sent.at("/result/warmupRecords").asLong()).isEqualTo(500);
    assertThat(sent.at("/result/bytes").asLong()).isEqualTo(1_000_000);
    assertThat(sent.at("/result/brokers/0/microsPerRecord").isNumber()).isTrue();
    assertThat(sent.at("/brokers/0/pid").asLong()).isEqualTo(ProcessHandle.current().pid());
    assertThat(sent.at("/acks").asText()).isEqualTo("all");
    assertThat(sent.at("/flush").asText()).isEqualTo("page-cache");
    assertThat(sent.at("/machine/cores").asInt()).isPositive();
    assertThat(sent.has("commit")).isTrue();
    assertThat(consumed.exitCode()).isZero();
    JsonNode read = consumed.json();
    assertThat(read.at("/result/records").asLong()).isEqualTo(5_500);
    assertThat(read.at("/result/verification/received/checksum").asLong())
        .isEqualTo(sent.at("/result/written/checksum").asLong());
  }

  @Test
  void endToEndSaysHowLongTheWholeWayTook() throws IOException {
    Path hlog = directory.resolve("latencies.hlog");

    Ran ran =
        run(
            "end-to-end",
            "way",
            "--records",
            "300",
            "--rate",
            "2000",
            "--linger-ms",
            "0",
            "--warmup",
            "100ms",
            "--hlog",
            hlog.toString());

    assertThat(ran.err()).doesNotContain("highwater:");
    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out())
        .contains("sent      300 records", "p99.99", "from when it was due", "CRC32C of all")
        .contains("linger 0 ms");
    assertThat(Files.size(hlog)).isPositive();
  }

  @Test
  void synchronousSendsAndLinesOfAFile() throws IOException {
    Path lines = Files.writeString(directory.resolve("lines"), "one\ntwo\nthree\n");

    Ran ran =
        run(
            "produce",
            "sync",
            "--records",
            "30",
            "--sync",
            "--acks",
            "1",
            "--linger-ms",
            "0",
            "--payload-file",
            lines.toString(),
            "--output",
            "json");

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.json().at("/result/latency/count").asLong()).isEqualTo(30);
    assertThat(ran.json().at("/result/latency/from").asText()).isEqualTo("SEND");
    assertThat(ran.json().at("/result/bytes").asLong()).isEqualTo(110);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          produce                                       | 2 | USAGE
          produce t --rate x                            | 2 | USAGE
          produce t --acks 2                            | 2 | USAGE
          produce t --warmup soon                       | 2 | USAGE
          produce t --duration 0s                       | 2 | USAGE
          produce t --batch-size 1TiB                   | 2 | USAGE
          produce t --compression rar                   | 2 | USAGE
          produse t                                     | 2 | USAGE
          produce t --rate 0                            | 1 | INVALID_ARGUMENT
          produce t --rate -1                           | 1 | INVALID_ARGUMENT
          produce t --records 0                         | 1 | INVALID_ARGUMENT
          produce t --records 1 --duration 1s           | 1 | INVALID_ARGUMENT
          produce t --producers 0                       | 1 | INVALID_ARGUMENT
          produce t --in-flight 0                       | 1 | INVALID_ARGUMENT
          produce t --in-flight 9                       | 1 | INVALID_ARGUMENT
          produce t --payload-file nothing              | 1 | NO_SUCH_FILE
          produce t --bootstrap 127.0.0.1:1             | 1 | BROKER_NOT_AVAILABLE
          consume missing                               | 1 | UNKNOWN_TOPIC_OR_PARTITION
          produce many --replication-factor 5           | 1 | INVALID_REPLICATION_FACTOR
          end-to-end t --rate 0                         | 1 | INVALID_ARGUMENT
          """)
  void badInputIsOneLineThatNamesIt(String line, int exitCode, String name) {
    Ran ran = run(line.split(" +", -1));

    assertThat(ran.exitCode()).isEqualTo(exitCode);
    assertThat(ran.err()).hasLineCount(1).startsWith("highwater: " + name + ": ");
    assertThat(ran.out()).isEmpty();
  }

  @Test
  void partitionsThatAreNotThoseOfTheTopicAreRefused() {
    assertThat(run("produce", "three", "--records", "1", "--partitions", "3").exitCode()).isZero();

    Ran ran = run("produce", "three", "--records", "1", "--partitions", "4");

    assertThat(ran.err())
        .isEqualTo(
            "highwater: INVALID_PARTITIONS: topic 'three' is there with 3 partitions, not 4\n");
  }

  private static Ran run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    if (!all.contains("--bootstrap") && all.size() > 1) {
      all.add("--bootstrap");
      all.add(bootstrap);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    CliStreams streams =
        new CliStreams(
            InputStream.nullInputStream(), out, new PrintStream(err, true, UTF_8), false);
    int exitCode = PerfCommand.run(streams, all.toArray(new String[0]));
    return new Ran(exitCode, out.toString(UTF_8), err.toString(UTF_8));
  }
}
