package io.highwater.server;

import static io.highwater.server.ForgedLogs.BATCHES;
import static io.highwater.server.ForgedLogs.SEALED;
import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.client.PartitionDescription;
import io.highwater.client.VerifiedRange;
import io.highwater.proto.TopicPartition;
import io.highwater.server.cli.Shell;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** REP-10: a replica that holds something else is found, though each byte of it is sound. */
class DifferingReplicaTest {
  private static final String COMPARE = "replica.compare.max.bytes.per.second";
  private static final String SCRUB = "log.scrub.max.bytes.per.second";
  private static final String INTERVAL = "log.scrub.interval.ms";

  @TempDir static Path root;
  private static ThreeBrokers cluster;
  private static ForgedLogs logs;

  @BeforeAll
  static void start() throws IOException {
    cluster = new ThreeBrokers(root.resolve("asked"), Map.of(COMPARE, "0", SCRUB, "0"));
    cluster.start();
    logs = new ForgedLogs(cluster);
  }

  @AfterAll
  static void close() {
    cluster.close();
  }

  @Test
  void aFollowerWithAnotherLastBatchDoesNotJoinBeforeItIsFetchedAgain() {
    logs.fill("last", 3, 2);
    int follower = other(cluster.describe("last").leaderId());
    byte[] right = logs.bytes(follower, "last");
    cluster.broker(follower).crash();
    logs.forge(follower, "last", BATCHES - 1);
    byte[] forged = logs.bytes(follower, "last");
    cluster.restart(follower);

    Path stray = logs.awaitStray(follower, "last");
    logs.awaitInSync("last", 3);
    assertThat(logs.bytes(follower, "last")).isEqualTo(right);
    assertThat(ForgedLogs.bytes(stray)).as("what it held is kept").isEqualTo(forged);
  }

  @Test
  void aDifferenceInASealedSegmentIsFoundByAnOperatorAndTheMinorityYields() {
    logs.fill("middle", 3, 2);
    assertThat(verify("middle", false).differs()).isFalse();
    int follower = other(cluster.describe("middle").leaderId());
    byte[] right = logs.bytes(follower, "middle");
    logs.forge(follower, "middle", SEALED);

    VerifiedRange found = verify("middle", false);
    assertThat(found.contents()).hasSize(3);
    assertThat(found.differs()).isTrue();
    assertThat(found.yielding()).containsExactly(follower);
    logs.awaitStray(follower, "middle");
    logs.awaitInSync("middle", 3);
    assertThat(logs.bytes(follower, "middle")).isEqualTo(right);
    assertThat(verify("middle", false).differs()).isFalse();
  }

  @Test
  void brokersFindItByThemselves() throws IOException {
    Map<String, String> often = Map.of(COMPARE, "1000000000", INTERVAL, "500", SCRUB, "0");
    try (ThreeBrokers comparing = new ThreeBrokers(root.resolve("comparing"), often)) {
      comparing.start();
      ForgedLogs compared = new ForgedLogs(comparing);
      compared.fill("alone", 3, 2);
      int follower = other(comparing.describe("alone").leaderId());
      byte[] right = compared.bytes(follower, "alone");
      compared.forge(follower, "alone", SEALED);

      compared.awaitStray(follower, "alone");
      compared.awaitInSync("alone", 3);
      assertThat(compared.bytes(follower, "alone")).isEqualTo(right);
    }
  }

  @Test
  void aLeaderThatTheOthersDifferFromYields() {
    logs.fill("led", 3, 2);
    int leader = cluster.describe("led").leaderId();
    byte[] right = logs.bytes(leader, "led");
    logs.forge(leader, "led", SEALED);

    assertThat(verify("led", false).yielding()).containsExactly(leader);
    logs.awaitStray(leader, "led");
    logs.awaitInSync("led", 3);
    assertThat(cluster.describe("led").leaderId()).isNotEqualTo(leader);
    assertThat(logs.bytes(leader, "led")).isEqualTo(right);
  }

  @Test
  void ofTwoReplicasNeitherYieldsUnlessAnOperatorSaysSo() {
    logs.fill("two", 2, 1);
    PartitionDescription partition = cluster.describe("two");
    int follower =
        partition.replicas().stream()
            .filter(id -> id != partition.leaderId())
            .findFirst()
            .orElseThrow();
    byte[] right = logs.bytes(follower, "two");
    logs.forge(follower, "two", SEALED);

    VerifiedRange found = verify("two", false);
    assertThat(found.differs()).isTrue();
    assertThat(found.yielding()).isEmpty();
    assertThat(cluster.describe("two").inSyncReplicas()).hasSize(2);
    assertThat(verify("two", true).yielding()).containsExactly(follower);
    Path stray = logs.awaitStray(follower, "two");
    logs.awaitInSync("two", 2);
    assertThat(logs.bytes(follower, "two")).isEqualTo(right);
    assertThat(ForgedLogs.bytes(stray)).as("what it held is kept").hasSameSizeAs(right);
  }

  @Test
  void theCommandLineNamesBothSidesAndFailsUntilTheyAreEqual() {
    logs.fill("shown", 3, 2);
    int follower = other(cluster.describe("shown").leaderId());
    logs.forge(follower, "shown", SEALED);

    Shell.Result found = verb("--topic", "shown");
    assertThat(found.exitCode()).isEqualTo(1);
    assertThat(found.text())
        .startsWith("shown-0: different, offsets 0 to " + BATCHES + " (exclusive), ")
        .contains("broker " + follower + " holds ")
        .contains("taken offline and fetched again: brokers [" + follower + "]");
    logs.awaitStray(follower, "shown");
    logs.awaitInSync("shown", 3);
    Shell.Result equal = verb("--topic", "shown");
    assertThat(equal.exitCode()).as(equal.text()).isZero();
    assertThat(equal.text())
        .startsWith("shown-0: equal, offsets 0 to " + BATCHES + " (exclusive), ");
    assertThat(verb("--topic", "nowhere").err())
        .startsWith("highwater: UNKNOWN_TOPIC_OR_PARTITION: ");
  }

  @Test
  void aCompactedPartitionIsNotCompared() {
    cluster.createTopic("compacted", 3, Map.of("cleanup.policy", "compact"));
    logs.awaitInSync("compacted", 3);
    VerifiedRange range = verify("compacted", false);
    assertThat(range.comparable()).isFalse();
    assertThat(range.isLast()).isTrue();
    assertThat(verb("--topic", "compacted").text())
        .isEqualTo("compacted-0: not compared: compacted, each replica cleans in its own time\n");
  }

  private static Shell.Result verb(String... options) {
    Stream<String> verb = Stream.of("cluster", "verify", "--bootstrap", cluster.bootstrap());
    return Shell.run(Stream.concat(verb, Stream.of(options)).toArray(String[]::new));
  }

  /** Of the first range, which is all there is. */
  private static VerifiedRange verify(String topic, boolean repair) {
    VerifiedRange range = cluster.admin().verifyReplicas(new TopicPartition(topic, 0), 0, repair);
    assertThat(range.isLast()).isTrue();
    return range;
  }

  private static int other(int broker) {
    return 1 + broker % ThreeBrokers.COUNT;
  }
}
