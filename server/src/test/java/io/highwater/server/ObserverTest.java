package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.highwater.client.ClusterDescription;
import io.highwater.client.NewTopic;
import io.highwater.client.PartitionDescription;
import io.highwater.client.admin.Admin;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Brokers outside the quorum follow its metadata, also while controllers die (CTL-2, CTL-3). */
@Timeout(180)
class ObserverTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String TOPIC = "orders";
  private static final int PARTITIONS = 4;

  @TempDir Path root;
  private BrokerProcesses brokers;

  @AfterEach
  void close() {
    if (brokers != null) {
      brokers.close();
    }
  }

  @Test
  void aQuorumOfOneCarriesBrokersThatAreNoControllers() throws IOException {
    start(3, 1);
    try (Admin admin = brokers.admin();
        SteadyLoad load = SteadyLoad.start(brokers.bootstrap(), TOPIC, PARTITIONS)) {
      load.awaitWritten(1_000);
      brokers.kill(1);
      brokers.start(1).join();
      load.awaitWritten(1_000);
      await().atMost(PATIENCE).until(() -> isInSync(admin));

      // An observer comes back and finds the rest again.
      brokers.kill(3);
      load.awaitWritten(500);
      brokers.start(3).join();
      await().atMost(PATIENCE).until(() -> isInSync(admin));
      load.finish();
      load.assertNothingLostOrDoubled();
    }
    try (Admin atObserver = Admin.builder().bootstrap(brokers.bootstrap(2)).build()) {
      assertThat(atObserver.describeCluster().controllerId()).isEqualTo(1);
    }
  }

  @Test
  void anObserverFollowsWhicheverControllerIsLeft() throws IOException {
    start(4, 3);
    try (Admin atObserver = Admin.builder().bootstrap(brokers.bootstrap(4)).build();
        SteadyLoad load = SteadyLoad.start(brokers.bootstrap(), TOPIC, PARTITIONS)) {
      assertThat(atObserver.describeTopic(TOPIC).partitions())
          .flatExtracting(PartitionDescription::replicas)
          .contains(4);
      for (int round = 0; round < 2; round++) {
        load.awaitWritten(500);
        int active = atObserver.describeCluster().controllerId();
        brokers.kill(active);
        await()
            .atMost(PATIENCE)
            .until(
                () -> atObserver.describeCluster().controllerId(),
                id -> id > 0 && id != active && id <= 3);
        load.awaitWritten(1_000);
        brokers.start(active).join();
        await().atMost(PATIENCE).until(() -> isInSync(atObserver));
      }
      load.finish();
      load.assertNothingLostOrDoubled();
    }
    imagesEqualAtEqualVersions(4);
  }

  /** CTL-1: whoever applied the same entries has the same image, member or observer. */
  private void imagesEqualAtEqualVersions(int count) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              Map<Long, Set<String>> hashes = new TreeMap<>();
              for (int node = 1; node <= count; node++) {
                try (Admin admin = Admin.builder().bootstrap(brokers.bootstrap(node)).build()) {
                  ClusterDescription seen = admin.describeCluster();
                  hashes
                      .computeIfAbsent(seen.metadataOffset(), offset -> new HashSet<>())
                      .add(seen.metadataHash());
                }
              }
              assertThat(hashes).hasSize(1);
              assertThat(hashes.values()).allSatisfy(equal -> assertThat(equal).hasSize(1));
            });
  }

  private void start(int count, int controllers) throws IOException {
    brokers = new BrokerProcesses(root, count, controllers);
    brokers.startAll();
    try (Admin admin = brokers.admin()) {
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  admin.describeCluster().brokers().stream()
                          .filter(broker -> !broker.fenced())
                          .count()
                      == count);
      admin.createTopic(new NewTopic(TOPIC, PARTITIONS, 3, Map.of("min.insync.replicas", "2")));
    }
  }

  private static boolean isInSync(Admin admin) {
    try {
      return admin.describeTopic(TOPIC).partitions().stream()
          .allMatch(p -> p.hasLeader() && p.inSyncReplicas().size() == 3);
    } catch (HighwaterException e) {
      if (e.code().retriable()) {
        return false;
      }
      throw e;
    }
  }
}
