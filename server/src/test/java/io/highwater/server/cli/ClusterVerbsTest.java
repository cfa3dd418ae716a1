package io.highwater.server.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.highwater.server.HighwaterServer;
import io.highwater.server.ServerConfig;
import io.highwater.server.config.Listener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The verbs against a broker of their own. */
class ClusterVerbsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path directory;

  private static HighwaterServer server;
  private static String bootstrap;

  @BeforeAll
  static void startBroker() {
    server =
        new HighwaterServer(
            ServerConfig.of(
                Map.of(
                    "log.dirs",
                    directory.resolve("data").toString(),
                    "listeners",
                    "CLIENTS://127.0.0.1:0")));
    server.start();
    bootstrap = server.address(Listener.CLIENTS).toString();
  }

  @AfterAll
  static void stopBroker() {
    server.close();
  }

  @Test
  void topicsAreMadeListedDescribedAndUnmade() throws IOException {
    assertThat(verb("topic", "create", "made", "--partitions", "2").text())
        .isEqualTo("created topic made, partitions 2, replication factor 1\n");
    assertThat(verb("topic", "list").text()).containsPattern("(?m)^made +2 +1$");
    JsonNode topic = json("topic", "describe", "made", "--output", "json");
    assertThat(topic.path("partitions")).hasSize(2);
    assertThat(topic.at("/partitions/0/leader").asInt()).isEqualTo(server.nodeId());
    assertThat(topic.at("/partitions/0/logEndOffset").asLong(-1)).isZero();
    assertThat(verb("topic", "delete", "made").exitCode()).isZero();
    Shell.Result gone = verb("topic", "describe", "made");
    assertThat(gone.exitCode()).isEqualTo(1);
    assertThat(gone.err()).startsWith("highwater: UNKNOWN_TOPIC_OR_PARTITION: ");
  }

  @Test
  void theOldestRecordsAreDeletedAfterADryRunShowedWhich() throws IOException {
    verb("topic", "create", "trimmed", "--partitions", "1");
    verbWithInput("a\nb\nc\n".getBytes(UTF_8), "produce", "trimmed");
    String[] deletion = {
      "topic", "delete-records", "trimmed", "--partition", "0", "--before-offset", "2"
    };

    String[] rehearsal = Arrays.copyOf(deletion, deletion.length + 1);
    rehearsal[deletion.length] = "--dry-run";
    assertThat(verb(rehearsal).text())
        .isEqualTo(
            "would delete offsets 0 to 2 (exclusive) of trimmed-0: frees 0 segments, 0 bytes\n");
    assertThat(logStart("trimmed")).isZero();

    assertThat(verb(deletion).text()).startsWith("deleted offsets 0 to 2 ");
    assertThat(logStart("trimmed")).isEqualTo(2);

    Shell.Result beyond =
        verb("topic", "delete-records", "trimmed", "--partition", "0", "--before-offset", "4");
    assertThat(beyond.exitCode()).isEqualTo(1);
    assertThat(beyond.err()).startsWith("highwater: OFFSET_OUT_OF_RANGE: ");
    assertThat(
            verb("topic", "delete-records", "trimmed", "--partition", "0", "--before-offset", "-1")
                .text())
        .contains("offsets 2 to 3 ")
        .contains("frees 1 segments");
  }

  @Test
  void recordsOfACompactedTopicAreNotDeleted() {
    verb("topic", "create", "keys", "--partitions", "1", "--config", "cleanup.policy=compact");

    Shell.Result refused =
        verb("topic", "delete-records", "keys", "--partition", "0", "--before-offset", "0");

    assertThat(refused.err()).startsWith("highwater: POLICY_VIOLATION: ");
  }

  private static long logStart(String topic) throws IOException {
    return json("topic", "describe", topic, "--output", "json")
        .at("/partitions/0/logStartOffset")
        .asLong(-1);
  }

  @Test
  void aTopicIsChangedWhileItLives() throws IOException {
    verb("topic", "create", "changing", "--partitions", "1");

    String[] rehearsal = {"topic", "alter", "changing", "--config", "retention.ms=5", "--dry-run"};
    assertThat(verb(rehearsal).text())
        .startsWith("would alter topic changing\n")
        .contains("config retention.ms=5\n");
    assertThat(verb("topic", "describe", "changing").text()).doesNotContain("retention.ms");
    assertThat(
            verb("topic", "alter", "changing", "--delete-config", "retention.m", "--dry-run").err())
        .startsWith("highwater: INVALID_CONFIG: ");
    assertThat(verb("topic", "alter", "changing", "--config", "retention.ms=5").text())
        .startsWith("altered topic changing\n")
        .contains("config retention.ms=5\n");
    JsonNode altered =
        json("topic", "alter", "changing", "--delete-config", "retention.ms", "--output", "json");
    assertThat(altered.at("/configs/retention.ms").isMissingNode()).isTrue();
    assertThat(verb("topic", "alter", "changing").exitCode()).isEqualTo(2);
    assertThat(verb("topic", "alter", "changing", "--config", "retention.m=5").err())
        .startsWith("highwater: INVALID_CONFIG: ")
        .contains("retention.ms");

    String[] growth = {"topic", "add-partitions", "changing", "--partitions", "3"};
    assertThat(verb("topic", "add-partitions", "changing", "--partitions", "3", "--dry-run").text())
        .startsWith("topic changing would have 3 partitions\n");
    assertThat(verb(growth).text()).startsWith("topic changing has 3 partitions\n");
    assertThat(verb(growth).err()).startsWith("highwater: INVALID_PARTITIONS: ");
  }

  @Test
  void electionsSayWhatBecameOfEachPartition() throws IOException {
    verb("topic", "create", "elected", "--partitions", "2");

    assertThat(verb("partition", "elect", "elected").text())
        .containsPattern("(?m)^elected-1 +1 +0 +ELECTION_NOT_NEEDED$");
    assertThat(verb("partition", "elect", "--all").text()).isEqualTo("no partition needs it\n");
    assertThat(verb("partition", "elect", "elected", "--unclean").text())
        .containsPattern("(?m)^elected-1 +1 +0 +ELECTION_NOT_NEEDED$");
    JsonNode unknown =
        json("partition", "elect", "elected", "--partition", "9", "--output", "json");
    assertThat(unknown.at("/0/error").asText()).isEqualTo("UNKNOWN_TOPIC_OR_PARTITION");
    assertThat(verb("partition", "elect").exitCode()).isEqualTo(2);
  }

  @Test
  void aReassignmentThatIsRefusedLimitsNothing() throws IOException {
    verb("topic", "create", "unlimited", "--partitions", "1");
    String node = Integer.toString(server.nodeId());

    Shell.Result refused =
        verb("topic", "reassign", "unlimited", "--replicas", "99", "--throttle", "2048");
    assertThat(refused.text()).contains("INVALID_REPLICA_ASSIGNMENT");
    assertThat(throttle("unlimited").isMissingNode()).isTrue();

    verb("topic", "reassign", "unlimited", "--replicas", node, "--throttle", "2048");
    assertThat(throttle("unlimited").asText()).isEqualTo("2048");
  }

  private static JsonNode throttle(String topic) throws IOException {
    return json("topic", "describe", topic, "--output", "json")
        .at("/configs/leader.replication.throttled.rate");
  }

  @Test
  void replicasThatCannotMoveStayAndAreNamed() throws IOException {
    verb("topic", "create", "staying", "--partitions", "1");
    String node = Integer.toString(server.nodeId());

    assertThat(verb("topic", "reassign", "staying", "--status").text())
        .isEqualTo("nothing is moving in topic staying\n");
    assertThat(verb("topic", "reassign", "staying", "--replicas", node, "--dry-run").text())
        .containsPattern("(?m)^0 +" + node + " +" + node + " +would move$");
    Shell.Result refused = verb("topic", "reassign", "staying", "--replicas", "99");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.text()).contains("INVALID_REPLICA_ASSIGNMENT");
    assertThat(verb("topic", "reassign", "staying", "--cancel").text())
        .isEqualTo("nothing to move in topic staying\n");
    assertThat(verb("topic", "reassign", "staying").exitCode()).isEqualTo(2);
    JsonNode drain = json("cluster", "drain", node, "--dry-run", "--output", "json");
    assertThat(drain.path("moves")).isEmpty();
    assertThat(drain.path("stuck").toString()).contains("staying-0");
    assertThat(verb("cluster", "rebalance", "--dry-run").text())
        .isEqualTo("replicas and leaders are even\n");
  }

  @Test
  void aTopicIsMadeOnlyOnce() {
    verb("topic", "create", "once");
    Shell.Result again = verb("topic", "create", "once");
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.err()).startsWith("highwater: TOPIC_ALREADY_EXISTS: ");
  }

  @Test
  void theClusterIsDescribed() throws IOException {
    JsonNode cluster = json("cluster", "describe", "--output", "json");
    assertThat(cluster.path("clusterId").asText()).isEqualTo(server.clusterId());
    assertThat(cluster.path("brokers")).hasSize(1);
    assertThat(cluster.at("/brokers/0/fenced").asBoolean(true)).isFalse();
    assertThat(cluster.at("/brokers/0/replicas").asInt(-1))
        .isEqualTo(cluster.path("partitions").asInt());
    assertThat(cluster.path("offlinePartitions")).isEmpty();
    assertThat(cluster.path("underReplicatedPartitions")).isEmpty();
    assertThat(cluster.path("uncleanLeaderElections").asInt(-1)).isZero();
    assertThat(cluster.path("lossyPartitions")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
  void everyByteOfALineComesBack(String codec) {
    String topic = "bytes-" + codec;
    verb("topic", "create", topic, "--partitions", "1");
    byte[] input = "a\r\n\n\u0000\u00ff\u0080\n\r\nlast without end".getBytes(ISO_8859_1);
    Shell.Result produced = verbWithInput(input, "produce", topic, "--compression", codec);
    assertThat(produced.err()).startsWith("produced 5 records, ");
    assertThat(produced.exitCode()).isZero();
    byte[] expected = Arrays.copyOf(input, input.length + 1);
    expected[input.length] = '\n';
    assertThat(verb("consume", topic, "--until-end").out()).isEqualTo(expected);
  }

  @Test
  void manyLinesOfAFileComeBackInOrder() throws IOException {
    verb("topic", "create", "many", "--partitions", "1");
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      byte[] line = new byte[random.nextInt(300)];
      random.nextBytes(line);
      for (byte b : line) {
        lines.write(b == '\n' ? 'x' : b);
      }
      lines.write('\n');
    }
    Path file = Files.write(directory.resolve("lines"), lines.toByteArray());
    assertThat(verb("produce", "many", "--input", file.toString()).exitCode()).isZero();
    byte[] read = verb("consume", "many", "--until-end").out();
    assertThat(Arrays.mismatch(read, lines.toByteArray())).isEqualTo(-1);
  }

  @Test
  void aLineAboveTheTopicsLimitIsNamedAndNothingOfItIsSent() {
    verb("topic", "create", "small", "--partitions", "1", "--config", "max.message.bytes=2000");
    String input = "first\n" + "x".repeat(1_999) + "\nthird\n";
    Shell.Result produced = verbWithInput(input.getBytes(UTF_8), "produce", "small");
    assertThat(produced.exitCode()).isEqualTo(1);
    assertThat(produced.err()).contains("produced 1 records");
    assertThat(produced.err()).contains("\nhighwater: MESSAGE_TOO_LARGE: line 2 ");
    assertThat(verb("consume", "small", "--until-end").text()).isEqualTo("first\n");
  }

  @Test
  void recordsOfAKeyAreInOnePartitionInOrder() {
    verb("topic", "create", "keyed", "--partitions", "3");
    verbWithInput("a:1\nb:2\na:3\na:4\n".getBytes(UTF_8), "produce", "keyed", "--key-separator=:");
    List<String> records =
        verb("consume", "keyed", "--until-end", "--format=%p %k %v").text().lines().toList();
    assertThat(records).hasSize(4);
    List<String> ofA = records.stream().filter(record -> record.contains(" a ")).toList();
    assertThat(ofA.stream().map(record -> record.substring(1)))
        .containsExactly(" a 1", " a 3", " a 4");
    assertThat(ofA.stream().map(record -> record.charAt(0)).distinct()).hasSize(1);
  }

  @Test
  void aMachineCanReadHowMuchWasProduced() throws IOException {
    verb("topic", "create", "counted", "--partitions", "1");
    Shell.Result produced =
        verbWithInput("ab\ncd\n".getBytes(UTF_8), "produce", "counted", "--output=json");
    assertThat(produced.err()).isEmpty();
    JsonNode summary = JSON.readTree(produced.out());
    assertThat(summary.path("records").asLong()).isEqualTo(2);
    assertThat(summary.path("bytes").asLong()).isEqualTo(4);
    assertThat(summary.path("seconds").asDouble()).isPositive();
  }

  @Test
  void anAtSignStandsForItself() {
    verb("topic", "create", "signs", "--partitions", "1");
    verbWithInput("a@@1\n".getBytes(UTF_8), "produce", "signs", "--key-separator", "@@");
    assertThat(verb("consume", "signs", "--until-end", "--format", "%k=%v").text())
        .isEqualTo("a=1\n");
  }

  @Test
  void readingBeginsAndEndsWhereItIsAskedTo() throws IOException {
    verb("topic", "create", "places", "--partitions", "1");
    verbWithInput("0\n1\n2\n3\n".getBytes(UTF_8), "produce", "places");
    assertThat(consumed("--from=2", "--until-end")).isEqualTo("2\n3\n");
    assertThat(consumed("--from=latest", "--until-end")).isEmpty();
    assertThat(consumed("--from=2100-01-01", "--until-end")).isEmpty();
    assertThat(consumed("--from=@0", "--until-end")).isEqualTo("0\n1\n2\n3\n");
    assertThat(consumed("--from=1", "--max=2")).isEqualTo("1\n2\n");
    assertThat(consumed("--partition=0", "--from=earliest", "--max=1")).isEqualTo("0\n");
    JsonNode record = json("consume", "places", "--from=3", "--max=1", "--output=json");
    assertThat(record.path("value").asText()).isEqualTo("3");
    assertThat(record.path("offset").asLong()).isEqualTo(3);
  }

  @Test
  void theFilesOfALogAreDumpedWhileTheBrokerRuns() {
    verb("topic", "create", "dumped", "--partitions", "1");
    verbWithInput("hello\n".getBytes(UTF_8), "produce", "dumped");
    String log = directory.resolve("data").resolve("dumped-0").toString();
    Shell.Result dump = Shell.run("log", "dump", log);
    assertThat(dump.exitCode()).isZero();
    assertThat(dump.text()).contains("baseOffset: 0 ", " value: hello");
    assertThat(Shell.run("log", "dump", "--no-records", log).text()).doesNotContain("hello");
    assertThat(Shell.run("log", "dump", log + "-not").err())
        .startsWith("highwater: NO_SUCH_FILE: ");
  }

  @Test
  void damageIsLookedForWhileTheBrokerRuns() throws Exception {
    verb("topic", "create", "verified", "--partitions", "1");
    verbWithInput("hello\n".getBytes(UTF_8), "produce", "verified");
    Path data = directory.resolve("data");
    Shell.Result sound = Shell.run("log", "verify", data.toString());
    assertThat(sound.err()).isEmpty();
    assertThat(sound.text()).endsWith(" bytes: sound\n");

    Path copy = Files.createDirectories(directory.resolve("copy/verified-0"));
    try (Stream<Path> files = Files.list(data.resolve("verified-0"))) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    Path damaged = copy.resolve("partition.metadata");
    byte[] bytes = Files.readAllBytes(damaged);
    bytes[30] ^= 1;
    Files.write(damaged, bytes);
    Shell.Result result = Shell.run("log", "verify", copy.toString(), "--output", "json");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).startsWith("highwater: CORRUPT_MESSAGE: 1 problems in ");
    assertThat(result.text())
        .contains("\"sound\":false", "\"batches\":1", "partition.metadata", "\"position\":-1");
    assertThat(Shell.run("log", "verify", copy.toString()).text())
        .startsWith(damaged + ": it does not match")
        .endsWith(" bytes: 1 problems\n");
    assertThat(Shell.run("log", "verify", directory.resolve("none").toString()).err())
        .startsWith("highwater: NO_SUCH_FILE: ");
  }

  @Test
  void anOffsetThatIsNotThereIsAnErrorAndNoSilentJump() {
    verb("topic", "create", "short", "--partitions", "1");
    for (String end : new String[] {"--max=1", "--until-end"}) {
      Shell.Result result = verb("consume", "short", "--from=17", end);
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.err()).startsWith("highwater: OFFSET_OUT_OF_RANGE: short-0: ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"consume", "produce"})
  void aTopicThatIsNotThereIsNamed(String verb) {
    Shell.Result result = verb(verb, "nowhere");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).matches("highwater: UNKNOWN_TOPIC_OR_PARTITION: [^\\n]+\\n");
  }

  private static String consumed(String... options) {
    String[] args = new String[options.length + 2];
    args[0] = "consume";
    args[1] = "places";
    System.arraycopy(options, 0, args, 2, options.length);
    return verb(args).text();
  }

  private static JsonNode json(String... args) throws IOException {
    return JSON.readTree(verb(args).out());
  }

  private static Shell.Result verb(String... args) {
    return verbWithInput(new byte[0], args);
  }

  private static Shell.Result verbWithInput(byte[] input, String... args) {
    String[] all = Arrays.copyOf(args, args.length + 1);
    all[args.length] = "--bootstrap=" + bootstrap;
    return Shell.runWithInput(input, all);
  }
}
