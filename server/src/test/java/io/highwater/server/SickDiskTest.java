package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.highwater.client.NewTopic;
import io.highwater.client.PartitionDescription;
import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.client.producer.RecordMetadata;
import io.highwater.proto.Acks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk of one of three brokers is full, or hangs, and the others go on. */
class SickDiskTest {
  private static final int BROKERS = 3;
  private static final int PARTITIONS = 3;

  @TempDir Path data;
  private TestCluster cluster;

  @BeforeEach
  void start() throws IOException {
    cluster = new TestCluster(data, BROKERS, Map.of());
    cluster
        .admin()
        .createTopic(
            new NewTopic("orders", PARTITIONS, BROKERS, Map.of("min.insync.replicas", "2")));
    awaitInSync();
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  private List<PartitionDescription> partitions() {
    return cluster.admin().describeTopic("orders").partitions();
  }

  private void awaitInSync() {
    await()
        .atMost(TestCluster.PATIENCE)
        .ignoreExceptions()
        .until(() -> partitions().stream().allMatch(p -> p.inSyncReplicas().size() == BROKERS));
  }

  /** ISR-7. */
  @Test
  void aBrokerWhoseDiskIsFullLeadsNothingAndComesBackWhenThereIsRoom() {
    int full = partitions().get(0).leaderId();
    cluster.disk(full).free(0);
    await()
        .atMost(TestCluster.PATIENCE)
        .ignoreExceptions()
        .until(
            () ->
                partitions().stream()
                    .noneMatch(p -> p.leaderId() == full || p.inSyncReplicas().contains(full)));
    assertThat(partitions()).allMatch(p -> p.fullReplicas().equals(List.of(full)));
    assertThat(cluster.admin().describeTopic("orders").isrChanges())
        .hasSize(PARTITIONS)
        .allMatch(change -> change.reason().endsWith("its disk is full"));
    try (Producer producer = producer()) {
      assertThat(producer.send(record(0)).join().offset()).isZero();
    }
    cluster.disk(full).free(1L << 40);
    awaitInSync();
    assertThat(partitions()).allMatch(p -> p.fullReplicas().isEmpty());
  }

  /** CTL-6: its member of the quorum goes on showing life, but it can control nothing. */
  @Test
  void aControllerWhoseDataLoopStandsGivesUpTheQuorumAndWhatItLeads() {
    int sick = cluster.admin().describeCluster().controllerId();
    CountDownLatch held = new CountDownLatch(1);
    try (Producer producer = producer()) {
      cluster.disk(sick).hang(held);
      List<CompletableFuture<RecordMetadata>> sent =
          List.of(0, 1, 2).stream().map(p -> producer.send(record(p))).toList();
      sent.forEach(
          each -> each.orTimeout(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS).join());
      await()
          .atMost(TestCluster.PATIENCE)
          .ignoreExceptions()
          .until(() -> cluster.admin().describeCluster().controllerId() != sick);
      assertThat(partitions()).allMatch(p -> p.leaderId() != sick);
    } finally {
      cluster.disk(sick).hang(null);
      held.countDown();
    }
    awaitInSync();
  }

  private Producer producer() {
    return Producer.builder().bootstrap(cluster.bootstrap()).acks(Acks.ALL).build();
  }

  private static ProducerRecord record(int partition) {
    return new ProducerRecord(
        "orders",
        partition,
        null,
        "x".getBytes(StandardCharsets.UTF_8),
        List.of(),
        ProducerRecord.NOW);
  }
}
