package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.highwater.client.BrokerDescription;
import io.highwater.client.NewTopic;
import io.highwater.client.PartitionDescription;
import io.highwater.client.ReplicaLag;
import io.highwater.client.ReplicaMove;
import io.highwater.client.TopicAlteration;
import io.highwater.client.consumer.Consumer;
import io.highwater.client.consumer.ConsumerRecord;
import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.client.producer.RecordMetadata;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas that move between three real brokers. */
class ReassignmentTest {
  private static final String THROTTLE = "leader.replication.throttled.rate";

  @TempDir Path data;
  private TestCluster cluster;

  @BeforeEach
  void start() throws IOException {
    cluster =
        new TestCluster(
            data,
            3,
            Map.of("leader.imbalance.check.interval.seconds", "1", "broker.rack", "rack-ID"));
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  private static TopicPartition first(String topic) {
    return new TopicPartition(topic, 0);
  }

  private ErrorCode reassign(String topic, Integer... to) {
    ReplicaMove move = new ReplicaMove(first(topic), List.of(), List.of(to));
    return cluster.admin().reassign(List.of(move), to.length == 0, false).get(0).error();
  }

  private void awaitReplicas(String topic, Integer... replicas) {
    await()
        .atMost(TestCluster.PATIENCE)
        .untilAsserted(
            () -> {
              PartitionDescription now = cluster.partition(topic, 0);
              assertThat(now.replicas()).containsExactly(replicas);
              assertThat(now.isMoving()).isFalse();
            });
  }

  private void awaitGone(int broker, String partition) {
    await()
        .atMost(TestCluster.PATIENCE)
        .untilAsserted(() -> assertThat(cluster.dataOf(broker).resolve(partition)).doesNotExist());
  }

  private List<String> produce(String topic, int records, int bytes, int at, Runnable meanwhile) {
    List<String> values = new ArrayList<>();
    List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();
    try (Producer producer =
        Producer.builder().bootstrap(cluster.bootstrap()).acks(Acks.ALL).build()) {
      for (int i = 0; i < records; i++) {
        String value = i + "-" + "x".repeat(bytes);
        values.add(value);
        sent.add(
            producer.send(
                new ProducerRecord(
                    topic,
                    0,
                    null,
                    value.getBytes(StandardCharsets.UTF_8),
                    List.of(),
                    ProducerRecord.NOW)));
        if (i == at) {
          meanwhile.run();
        }
      }
      sent.forEach(CompletableFuture::join);
    }
    return values;
  }

  private List<String> readAll(String topic, int records) {
    List<String> values = new ArrayList<>();
    try (Consumer consumer = Consumer.builder().bootstrap(cluster.bootstrap()).build()) {
      consumer.assign(List.of(first(topic)));
      consumer.seekToBeginning(List.of(first(topic)));
      await()
          .atMost(TestCluster.PATIENCE)
          .until(
              () -> {
                for (ConsumerRecord record : consumer.poll(Duration.ofMillis(200))) {
                  values.add(new String(record.value(), StandardCharsets.UTF_8));
                }
                return values.size() >= records;
              });
    }
    return values;
  }

  @Test
  void aPartitionMovesWithItsRecordsWhileItIsWrittenTo() {
    cluster.admin().createTopic(new NewTopic("moving", 1, 2, Map.of("min.insync.replicas", "2")));
    List<Integer> before = cluster.partition("moving", 0).replicas();
    int added = 6 - before.get(0) - before.get(1);

    List<String> values =
        produce(
            "moving",
            600,
            50,
            200,
            () -> assertThat(reassign("moving", added, before.get(1))).isEqualTo(ErrorCode.NONE));

    awaitReplicas("moving", added, before.get(1));
    awaitGone(before.get(0), "moving-0");
    assertThat(readAll("moving", 600)).isEqualTo(values);
    // There and back again: nothing of the first life is left to be met.
    assertThat(reassign("moving", before.get(0), before.get(1))).isEqualTo(ErrorCode.NONE);
    awaitReplicas("moving", before.get(0), before.get(1));
    awaitGone(added, "moving-0");
    assertThat(readAll("moving", 600)).isEqualTo(values);
  }

  @Test
  void aThrottledReassignmentSurvivesRestartsAndIsLetLoose() {
    cluster.admin().createTopic(new NewTopic("slow", 1, 1, Map.of(THROTTLE, "65536")));
    int from = cluster.partition("slow", 0).leaderId();
    int to = 1 + from % 3;
    List<String> values = produce("slow", 60, 100_000, -1, () -> {});

    assertThat(reassign("slow", to)).isEqualTo(ErrorCode.NONE);

    await()
        .atMost(TestCluster.PATIENCE)
        .untilAsserted(
            () -> {
              ReplicaLag lag = lagOf("slow", to);
              assertThat(lag.inSync()).isFalse();
              assertThat(lag.missingBytes()).isBetween(1_000_000L, 6_100_000L);
              assertThat(lag.missingRecords()).isPositive();
            });
    int controller = cluster.admin().describeCluster().controllerId();
    cluster.broker(to).crash();
    cluster.restart(to);
    if (controller != to) {
      cluster.broker(controller).stop();
      cluster.restart(controller);
    }
    cluster.awaitBrokers(3);
    assertThat(cluster.partition("slow", 0).addingReplicas()).containsExactly(to);

    cluster.admin().alterTopic(new TopicAlteration("slow", Map.of(), List.of(THROTTLE)));

    awaitReplicas("slow", to);
    awaitGone(from, "slow-0");
    assertThat(readAll("slow", 60)).isEqualTo(values);
  }

  private ReplicaLag lagOf(String topic, int broker) {
    return cluster.admin().describeReplicas(first(topic)).stream()
        .filter(lag -> lag.nodeId() == broker)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatIsCalledOffLeavesNothingBehind() {
    cluster.admin().createTopic(new NewTopic("off", 1, 1, Map.of(THROTTLE, "1024")));
    int from = cluster.partition("off", 0).leaderId();
    int to = 1 + from % 3;
    produce("off", 60, 50_000, -1, () -> {});
    assertThat(reassign("off")).isEqualTo(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS);
    assertThat(reassign("off", to, 9)).isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
    assertThat(reassign("off", to)).isEqualTo(ErrorCode.NONE);
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> cluster.dataOf(to).resolve("off-0").toFile().isDirectory());

    assertThat(reassign("off")).isEqualTo(ErrorCode.NONE);

    awaitReplicas("off", from);
    awaitGone(to, "off-0");
    assertThat(readAll("off", 60)).hasSize(60);
  }

  @Test
  void aDrainedBrokerCanBeStoppedAndTheRestEvenedOut() {
    cluster.admin().createTopic(NewTopic.of("drained", 6, 2));
    assertThat(cluster.admin().drainBroker(1, true).moves()).hasSize(4);
    assertThat(replicasOn(1)).isEqualTo(4);

    assertThat(cluster.admin().drainBroker(1, false).stuck()).isEmpty();

    await().atMost(TestCluster.PATIENCE).untilAsserted(() -> assertThat(replicasOn(1)).isZero());
    assertThat(broker(1).draining()).isTrue();
    assertThat(cluster.admin().rebalance(true)).isEmpty();
    cluster.admin().undoDrain(1);
    await().atMost(TestCluster.PATIENCE).until(() -> !broker(1).draining());
    assertThat(cluster.admin().rebalance(false)).isNotEmpty();
    await()
        .atMost(TestCluster.PATIENCE)
        .untilAsserted(
            () -> assertThat(IntStream.of(1, 2, 3).mapToLong(this::replicasOn)).containsOnly(4L));
  }

  @Test
  void leadersGoBackToABrokerThatReturned() {
    cluster.admin().createTopic(NewTopic.of("back", 3, 3));
    int gone = cluster.partition("back", 0).leaderId();
    cluster.broker(gone).stop();
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> cluster.partition("back", 0).leaderId() != gone);

    cluster.restart(gone);

    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> cluster.partition("back", 0).leaderId() == gone);
    assertThat(broker(gone).rack()).isEqualTo("rack-" + gone);
  }

  private BrokerDescription broker(int id) {
    return cluster.admin().describeCluster().brokers().stream()
        .filter(broker -> broker.nodeId() == id)
        .findFirst()
        .orElseThrow();
  }

  private long replicasOn(int broker) {
    return cluster.admin().describeTopics(List.of()).topics().stream()
        .flatMap(topic -> topic.partitions().stream())
        .filter(partition -> partition.replicas().contains(broker))
        .count();
  }
}
