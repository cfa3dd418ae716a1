package io.highwater.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.highwater.client.PartitionDescription;
import io.highwater.client.consumer.Consumer;
import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.proto.Acks;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** REC-3, STO-10: a damaged replica heals by itself, and nobody gets a wrong byte meanwhile. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DamagedReplicaTest {
  private static final int RECORDS = 300;
  private static final Map<String, String> SMALL_SEGMENTS =
      Map.of(
          "min.insync.replicas", "2",
          "segment.bytes", "4096",
          "max.message.bytes", "4096",
          "flush.policy", "group");

  @TempDir static Path root;
  private ThreeBrokers cluster;

  @BeforeAll
  void start() throws IOException {
    cluster =
        new ThreeBrokers(
            root,
            Map.of("log.scrub.max.bytes.per.second", "10000000", "log.scrub.interval.ms", "200"));
    cluster.start();
  }

  @AfterAll
  void close() {
    cluster.close();
  }

  @Test
  void aDamagedFollowerFetchesItsLogAgainWhileTheBrokerRuns() {
    Map<Long, String> acknowledged = createAndFill("follower");
    PartitionDescription before = cluster.describe("follower");
    int follower = other(before.leaderId());
    flipAByte(follower, "follower");

    awaitRefetched("follower", follower);
    assertThat(cluster.describe("follower").leaderId()).isEqualTo(before.leaderId());
    assertThat(readAll("follower", RECORDS)).isEqualTo(acknowledged);
  }

  @Test
  void aDamagedLeaderGivesWayAndFetchesItsLogAgain() {
    Map<Long, String> acknowledged = createAndFill("leader");
    PartitionDescription before = cluster.describe("leader");
    flipAByte(before.leaderId(), "leader");

    assertThat(readAll("leader", RECORDS)).isEqualTo(acknowledged);
    awaitRefetched("leader", before.leaderId());
    assertThat(cluster.describe("leader").leaderId()).isNotEqualTo(before.leaderId());
    assertThat(readAll("leader", RECORDS)).isEqualTo(acknowledged);
  }

  @Test
  void whatWasDamagedWhileTheBrokerWasDownIsFetchedAgain() {
    Map<Long, String> acknowledged = createAndFill("down");
    int leader = cluster.describe("down").leaderId();
    cluster.broker(leader).crash();
    flipAByte(leader, "down");
    cluster.restart(leader);

    awaitRefetched("down", leader);
    assertThat(readAll("down", RECORDS)).isEqualTo(acknowledged);
  }

  /** STO-11: after a clean stop and after a crash, as directories or their log files alone. */
  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void exchangedPartitionsAreFoundAndFetchedAgain(boolean clean, boolean directories)
      throws IOException {
    String left = "left-" + clean + "-" + directories;
    String right = "right-" + clean + "-" + directories;
    Map<String, Map<Long, String>> acknowledged =
        Map.of(left, createAndFill(left), right, createAndFill(right));
    int broker = cluster.describe(left).leaderId();
    if (clean) {
      cluster.broker(broker).stop();
    } else {
      cluster.broker(broker).crash();
    }
    exchange(broker, left, right, directories);
    cluster.restart(broker);

    for (String topic : List.of(left, right)) {
      awaitRefetched(topic, broker);
      assertThat(readAll(topic, RECORDS)).isEqualTo(acknowledged.get(topic));
    }
    try (Stream<Path> files = Files.list(cluster.directory(broker))) {
      assertThat(
              files.filter(file -> file.toString().endsWith("-stray")).map(Path::toString).toList())
          .as("what was found there is kept")
          .anyMatch(name -> name.contains(left + "-0."))
          .anyMatch(name -> name.contains(right + "-0."));
    }
  }

  private void exchange(int broker, String one, String other, boolean directories)
      throws IOException {
    Path first = cluster.directory(broker).resolve(one + "-0");
    Path second = cluster.directory(broker).resolve(other + "-0");
    Path between = first.resolveSibling("between");
    if (directories) {
      Files.move(first, between);
      Files.move(second, first);
      Files.move(between, second);
      return;
    }
    List<Path> ones = segments(broker, one);
    List<Path> others = segments(broker, other);
    Files.createDirectory(between);
    for (Path log : ones) {
      Files.move(log, between.resolve(log.getFileName()));
    }
    for (Path log : others) {
      Files.move(log, first.resolve(log.getFileName()));
    }
    for (Path log : ones) {
      Files.move(between.resolve(log.getFileName()), second.resolve(log.getFileName()));
    }
    Files.delete(between);
  }

  /**
   * ISR-4: nobody is clean then, and the one that lacks a segment is neither elected nor missed.
   */
  @Test
  void whenAllCrashedAndOneLacksASegmentTheOthersLead() throws IOException {
    Map<Long, String> acknowledged = createAndFill("crashed");
    int leader = cluster.describe("crashed").leaderId();
    cluster.crashAll();
    Files.delete(segments(leader, "crashed").get(1));
    cluster.startAll();

    awaitRefetched("crashed", leader);
    assertThat(readAll("crashed", RECORDS)).isEqualTo(acknowledged);
  }

  @Test
  void theOnlyCopyStaysAsItIsAndTheBrokerServesTheRest() throws IOException {
    cluster.createTopic("single", 1, withMinIsr(1));
    produce("single");
    int broker = cluster.describe("single").leaderId();
    flipAByte(broker, "single");
    byte[] damaged = logBytes(broker, "single").array();

    await().atMost(ThreeBrokers.PATIENCE).until(() -> !cluster.describe("single").hasLeader());
    try (Producer producer =
        Producer.builder()
            .bootstrap(cluster.bootstrap())
            .deliveryTimeoutMs(1_000)
            .requestTimeoutMs(500)
            .build()) {
      assertThatThrownBy(() -> producer.send(record("single", "x")).join())
          .hasRootCauseInstanceOf(HighwaterException.class);
    }
    assertThat(logBytes(broker, "single").array()).isEqualTo(damaged);
    cluster.createTopic("rest", 3, withMinIsr(3));
    assertThat(produce("rest")).hasSize(RECORDS);
  }

  private static Map<String, String> withMinIsr(int minIsr) {
    Map<String, String> configs = new TreeMap<>(SMALL_SEGMENTS);
    configs.put("min.insync.replicas", Integer.toString(minIsr));
    return configs;
  }

  private Map<Long, String> createAndFill(String topic) {
    cluster.createTopic(topic, 3, SMALL_SEGMENTS);
    Map<Long, String> acknowledged = produce(topic);
    await()
        .atMost(ThreeBrokers.PATIENCE)
        .untilAsserted(() -> assertThat(cluster.describe(topic).inSyncReplicas()).hasSize(3));
    awaitEqualLogs(topic);
    return acknowledged;
  }

  private Map<Long, String> produce(String topic) {
    Map<Long, String> acknowledged = new TreeMap<>();
    try (Producer producer =
        Producer.builder().bootstrap(cluster.bootstrap()).acks(Acks.ALL).batchBytes(1024).build()) {
      Map<String, CompletableFuture<Long>> sent = new TreeMap<>();
      for (int i = 0; i < RECORDS; i++) {
        String value = topic + i + "-" + "x".repeat(60);
        sent.put(value, producer.send(record(topic, value)).thenApply(ack -> ack.offset()));
      }
      sent.forEach((value, offset) -> acknowledged.put(offset.join(), value));
    }
    return acknowledged;
  }

  private static ProducerRecord record(String topic, String value) {
    return new ProducerRecord(topic, 0, null, value.getBytes(UTF_8), List.of(), ProducerRecord.NOW);
  }

  private static int other(int broker) {
    return 1 + broker % ThreeBrokers.COUNT;
  }

  /** In the middle of the second segment, which is sealed. */
  private void flipAByte(int broker, String topic) {
    Path sealed = segments(broker, topic).get(1);
    try (RandomAccessFile file = new RandomAccessFile(sealed.toFile(), "rw")) {
      long middle = file.length() / 2;
      file.seek(middle);
      int was = file.read();
      file.seek(middle);
      file.write(was ^ 0x10);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The damage was noticed, and is gone: nothing lies aside any more. */
  private void awaitRefetched(String topic, int broker) {
    awaitEqualLogs(topic);
    await()
        .atMost(ThreeBrokers.PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(cluster.describe(topic).inSyncReplicas()).hasSize(3);
              try (Stream<Path> files = Files.list(cluster.directory(broker))) {
                assertThat(files).noneMatch(file -> file.toString().contains("-damaged"));
              }
            });
  }

  private void awaitEqualLogs(String topic) {
    await()
        .atMost(ThreeBrokers.PATIENCE)
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(
                        IntStream.rangeClosed(1, ThreeBrokers.COUNT)
                            .mapToObj(id -> logBytes(id, topic))
                            .distinct())
                    .hasSize(1));
  }

  private Map<Long, String> readAll(String topic, int count) {
    Map<Long, String> records = new TreeMap<>();
    TopicPartition partition = new TopicPartition(topic, 0);
    try (Consumer consumer = Consumer.builder().bootstrap(cluster.bootstrap()).build()) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      await()
          .atMost(ThreeBrokers.PATIENCE)
          .until(
              () -> {
                consumer
                    .poll(Duration.ofMillis(200))
                    .forEach(r -> records.put(r.offset(), new String(r.value(), UTF_8)));
                return records.size() >= count;
              });
    }
    return records;
  }

  private ByteBuffer logBytes(int broker, String topic) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      for (Path segment : segments(broker, topic)) {
        all.write(Files.readAllBytes(segment));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ByteBuffer.wrap(all.toByteArray());
  }

  private List<Path> segments(int broker, String topic) {
    try (Stream<Path> files = Files.list(cluster.directory(broker).resolve(topic + "-0"))) {
      return files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
