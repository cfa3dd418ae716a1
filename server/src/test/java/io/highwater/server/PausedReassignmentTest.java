package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.highwater.client.NewTopic;
import io.highwater.client.ReplicaLag;
import io.highwater.client.ReplicaMove;
import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A reassignment while producers wait for longer than they may: here, than a millisecond. */
@Timeout(120)
class PausedReassignmentTest {
  private static final TopicPartition MOVING = new TopicPartition("moving", 0);
  private static final int RECORDS = 100;
  private static final byte[] VALUE = new byte[200_000];

  @TempDir Path data;
  private TestCluster cluster;

  @BeforeEach
  void start() throws IOException {
    cluster = new TestCluster(data, 3, Map.of("reassignment.produce.latency.max.ms", "1"));
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void itIsSlowedWhileProducersWaitAndEndsAfterwards() {
    cluster
        .admin()
        .createTopic(
            new NewTopic("moving", 1, 1, Map.of("leader.replication.throttled.rate", "4000000")));
    cluster.admin().createTopic(NewTopic.of("busy", 6, 3));
    int from = cluster.partition("moving", 0).leaderId();
    int to = 1 + from % 3;
    try (Producer producer = producer()) {
      for (int i = 0; i < RECORDS; i++) {
        producer.send(record("moving", 0), null);
      }
      producer.flush();
    }
    AtomicBoolean busy = new AtomicBoolean(true);
    CompletableFuture<Void> load = CompletableFuture.runAsync(() -> load(busy));
    try {
      ReplicaMove move = new ReplicaMove(MOVING, List.of(), List.of(to));
      assertThat(cluster.admin().reassign(List.of(move), false, false).get(0).error())
          .isEqualTo(ErrorCode.NONE);
      await()
          .atMost(TestCluster.PATIENCE)
          .until(
              () ->
                  cluster.admin().describeReplicas(MOVING).stream()
                      .anyMatch(lag -> lag.nodeId() == to && lag.paused()));
      assertThat(cluster.admin().describeReplicas(MOVING))
          .filteredOn(lag -> lag.nodeId() == from)
          .noneMatch(ReplicaLag::paused);
    } finally {
      busy.set(false);
      load.join();
    }
    await()
        .atMost(TestCluster.PATIENCE)
        .untilAsserted(
            () -> assertThat(cluster.partition("moving", 0).replicas()).containsExactly(to));
  }

  private Producer producer() {
    return Producer.builder().bootstrap(cluster.bootstrap()).acks(Acks.ALL).build();
  }

  private void load(AtomicBoolean busy) {
    try (Producer producer = producer()) {
      for (int i = 0; busy.get(); i++) {
        producer.send(record("busy", i % 6), null);
      }
    }
  }

  private static ProducerRecord record(String topic, int partition) {
    return new ProducerRecord(topic, partition, null, VALUE, List.of(), ProducerRecord.NOW);
  }
}
