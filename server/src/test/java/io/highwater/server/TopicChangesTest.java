package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.highwater.client.NewTopic;
import io.highwater.client.PartitionOutcome;
import io.highwater.client.TopicAlteration;
import io.highwater.client.TopicDescription;
import io.highwater.client.consumer.Consumer;
import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.client.producer.RecordMetadata;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Topics changed while they are used, on three real brokers. */
class TopicChangesTest {
  @TempDir Path data;
  private TestCluster cluster;

  @BeforeEach
  void start() throws IOException {
    cluster = new TestCluster(data, 3, Map.of("log.retention.check.interval.ms", "100"));
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  private static ProducerRecord record(String topic, int partition, String value) {
    return new ProducerRecord(
        topic,
        partition,
        null,
        value.getBytes(StandardCharsets.UTF_8),
        List.of(),
        ProducerRecord.NOW);
  }

  private Producer producer() {
    return Producer.builder().bootstrap(cluster.bootstrap()).acks(Acks.ALL).build();
  }

  private void alter(String topic, String key, String value) {
    cluster.admin().alterTopic(new TopicAlteration(topic, Map.of(key, value), List.of()));
  }

  @Test
  void retentionTakesEffectOnEveryReplicaWithoutARestart() {
    cluster.admin().createTopic(NewTopic.of("kept", 1, 3));
    try (Producer producer = producer()) {
      producer.send(record("kept", 0, "old")).join();

      cluster
          .admin()
          .alterTopic(
              new TopicAlteration(
                  "kept", Map.of("retention.ms", "100", "file.delete.delay.ms", "0"), List.of()));

      for (int id = 1; id <= 3; id++) {
        Path directory = cluster.dataOf(id).resolve("kept-0");
        await()
            .atMost(TestCluster.PATIENCE)
            .untilAsserted(
                () -> assertThat(logFiles(directory)).containsExactly("00000000000000000001.log"));
      }
      TopicDescription back =
          cluster
              .admin()
              .alterTopic(new TopicAlteration("kept", Map.of(), List.of("retention.ms")));
      assertThat(back.configs()).doesNotContainKey("retention.ms");
      assertThat(producer.send(record("kept", 0, "new")).join().offset()).isEqualTo(1);
    }
  }

  @Test
  void aTopicBeginsToPromiseTheDiskWhileItIsWrittenTo() {
    cluster.admin().createTopic(NewTopic.of("safe", 1, 3));
    try (Producer producer = producer()) {
      assertThat(producer.send(record("safe", 0, "a")).join().fsynced()).isZero();

      alter("safe", "flush.policy", "group");

      RecordMetadata flushed = producer.send(record("safe", 0, "b")).join();
      assertThat(flushed.offset()).isEqualTo(1);
      assertThat(flushed.fsynced()).isEqualTo(3);

      alter("safe", "flush.policy", "os");
      assertThat(producer.send(record("safe", 0, "c")).join().offset()).isEqualTo(2);
    }
  }

  @Test
  void theMinimumOfReplicasInSyncCountsAtOnce() {
    cluster.admin().createTopic(NewTopic.of("min", 1, 3));
    int leader = cluster.partition("min", 0).leaderId();
    cluster.broker(1 + leader % 3).stop();
    try (Producer producer = producer()) {
      producer.send(record("min", 0, "a")).join();
      alter("min", "min.insync.replicas", "3");
      var held = producer.send(record("min", 0, "b"));
      assertThat(held).isNotDone();
      alter("min", "min.insync.replicas", "2");
      assertThat(held.join().offset()).isEqualTo(1);
    }
  }

  @Test
  void whatCannotBeIsRefusedByName() {
    cluster.admin().createTopic(NewTopic.of("orders", 2, 1));

    assertRefused(() -> alter("orders", "retention.mss", "1"), "retention.mss");
    assertRefused(() -> alter("orders", "retention.ms", "soon"), "retention.ms");
    assertRefused(() -> alter("orders", "max.message.bytes", "20000000"), "message.max.bytes");
    assertThatThrownBy(() -> cluster.admin().addPartitions("orders", 2, false))
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARTITIONS));
  }

  private static void assertRefused(Runnable change, String named) {
    assertThatThrownBy(change::run)
        .hasMessageContaining(named)
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIG));
  }

  @Test
  void producersAndConsumersFindAddedPartitions() {
    cluster.admin().createTopic(NewTopic.of("grows", 1, 3));
    try (Producer producer = producer();
        Consumer consumer = Consumer.builder().bootstrap(cluster.bootstrap()).build()) {
      producer.send(record("grows", 0, "a")).join();
      assertThat(consumer.partitionsOf("grows")).hasSize(1);
      assertThat(cluster.admin().addPartitions("grows", 4, true).partitions()).hasSize(4);
      assertThat(cluster.admin().describeTopic("grows").partitions()).hasSize(1);

      TopicDescription grown = cluster.admin().addPartitions("grows", 4, false);

      assertThat(grown.partitions()).hasSize(4).allMatch(p -> p.replicas().size() == 3);
      // The brokers that they ask may hear of it a moment later.
      await()
          .atMost(TestCluster.PATIENCE)
          .ignoreExceptions()
          .untilAsserted(
              () -> {
                assertThat(producer.send(record("grows", 3, "b")).join().partition()).isEqualTo(3);
                assertThat(consumer.partitionsOf("grows")).hasSize(4);
              });
    }
  }

  @Test
  void aProducerFindsAddedPartitionsByItselfInTime() {
    cluster.admin().createTopic(NewTopic.of("aging", 1, 1));
    try (Producer producer =
        Producer.builder().bootstrap(cluster.bootstrap()).metadataMaxAgeMs(50).build()) {
      assertThat(producer.partitions("aging")).isEqualTo(1);

      cluster.admin().addPartitions("aging", 2, false);

      await()
          .atMost(TestCluster.PATIENCE)
          .untilAsserted(() -> assertThat(producer.partitions("aging")).isEqualTo(2));
    }
  }

  @Test
  void thePreferredLeaderIsElectedOnceItIsBack() {
    cluster.admin().createTopic(NewTopic.of("back", 3, 3));
    int gone = cluster.partition("back", 0).leaderId();
    TopicPartition partition = new TopicPartition("back", 0);
    cluster.broker(gone).stop();
    assertThat(elect(partition).error()).isEqualTo(ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE);
    cluster.restart(gone);
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> cluster.partition("back", 0).inSyncReplicas().size() == 3);

    PartitionOutcome elected = elect(partition);

    assertThat(elected.error()).isEqualTo(ErrorCode.NONE);
    assertThat(elected.leaderId()).isEqualTo(gone);
    assertThat(elect(partition).error()).isEqualTo(ErrorCode.ELECTION_NOT_NEEDED);
    assertThat(elect(new TopicPartition("back", 7)).error())
        .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    assertThat(cluster.admin().electPreferredLeaders(List.of())).isEmpty();
  }

  private PartitionOutcome elect(TopicPartition partition) {
    return cluster.admin().electPreferredLeaders(List.of(partition)).get(0);
  }

  private static List<String> logFiles(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".log"))
          .toList();
    }
  }
}
