package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.highwater.client.ClusterDescription;
import io.highwater.client.FeatureUpdate;
import io.highwater.client.SupportedLevels;
import io.highwater.client.admin.Admin;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.control.Feature;
import io.highwater.replication.control.LevelRange;
import io.highwater.server.config.Listener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Brokers get newer software one after the other, and then the cluster its new level. */
@Timeout(120)
class RollingUpgradeTest {
  private static final String KEY = Feature.METADATA_VERSION.key();
  private static final int NEWEST = Feature.METADATA_VERSION.supported().max();
  private static final SortedMap<String, LevelRange> OLDER =
      new TreeMap<>(Map.of(KEY, new LevelRange(1, NEWEST - 1)));
  private static final SortedMap<String, LevelRange> NEWER = Feature.allSupported();

  @TempDir Path root;

  @Test
  void aNewLevelComesInForceOnceAllBrokersSpeakItAndOlderSoftwareStaysOut() throws IOException {
    try (ThreeBrokers cluster = new ThreeBrokers(root, Map.of()).speaking(OLDER)) {
      cluster.start();
      Admin admin = cluster.admin();
      cluster.createTopic("orders", 3, Map.of());
      assertThat(level(admin)).isEqualTo(NEWEST - 1);

      cluster.speaking(NEWER);
      restart(cluster, 1);
      restart(cluster, 2);
      assertThat(admin.updateFeatures(Map.of(), false)).as("the highest that all speak").isEmpty();
      refused(admin, NEWEST, "broker 3");
      assertThat(hashes(cluster)).as("of brokers of both versions").hasSize(1);

      restart(cluster, 3);
      assertThat(admin.describeCluster().features().get(0).supported())
          .isEqualTo(new SupportedLevels(1, NEWEST));
      FeatureUpdate upgrade = new FeatureUpdate(KEY, NEWEST - 1, NEWEST);
      assertThat(admin.updateFeatures(Map.of(), true)).containsExactly(upgrade);
      assertThat(level(admin)).as("a dry run").isEqualTo(NEWEST - 1);
      assertThat(admin.updateFeatures(Map.of(), false)).containsExactly(upgrade);
      await().atMost(ThreeBrokers.PATIENCE).until(() -> level(admin) == NEWEST);
      refused(admin, NEWEST - 1, "cannot go back");
      refused(admin, NEWEST + 1, "not " + (NEWEST + 1));
      assertThat(hashes(cluster)).hasSize(1);

      cluster.broker(3).stop();
      cluster.speaking(OLDER);
      assertThatThrownBy(() -> cluster.restart(3))
          .isInstanceOf(HighwaterException.class)
          .hasMessageContaining("the cluster is at level " + NEWEST)
          .satisfies(
              e ->
                  assertThat(((HighwaterException) e).code())
                      .isEqualTo(ErrorCode.UNSUPPORTED_VERSION));
      cluster.speaking(NEWER);
      cluster.restart(3);
      assertThat(cluster.describe("orders").replicas()).hasSize(3);
    }
  }

  /** Whoever of its members is first to name it. */
  @Test
  void aNewClusterIsAtTheNewestLevel() throws IOException {
    try (ThreeBrokers cluster = new ThreeBrokers(root, Map.of())) {
      cluster.start();
      assertThat(level(cluster.admin())).isEqualTo(NEWEST);
    }
  }

  private static void restart(ThreeBrokers cluster, int id) {
    cluster.broker(id).stop();
    cluster.restart(id);
    await()
        .atMost(ThreeBrokers.PATIENCE)
        .until(() -> cluster.describe("orders").inSyncReplicas().size() == ThreeBrokers.COUNT);
  }

  private static void refused(Admin admin, int level, String why) {
    assertThatThrownBy(() -> admin.updateFeatures(Map.of(KEY, level), false))
        .isInstanceOf(HighwaterException.class)
        .hasMessageContaining(why)
        .satisfies(
            e ->
                assertThat(((HighwaterException) e).code())
                    .isEqualTo(ErrorCode.FEATURE_UPDATE_FAILED));
  }

  private static int level(Admin admin) {
    return admin.describeCluster().features().get(0).level();
  }

  /** Of images of one index on all brokers. */
  private static Set<String> hashes(ThreeBrokers cluster) {
    return await()
        .atMost(ThreeBrokers.PATIENCE)
        .until(
            () -> {
              List<ClusterDescription> seen =
                  List.of(seenBy(cluster, 1), seenBy(cluster, 2), seenBy(cluster, 3));
              Set<String> hashes = new HashSet<>();
              seen.forEach(image -> hashes.add(image.metadataHash()));
              boolean same =
                  seen.stream().map(ClusterDescription::metadataOffset).distinct().count() == 1;
              return same ? hashes : null;
            },
            found -> found != null);
  }

  private static ClusterDescription seenBy(ThreeBrokers cluster, int id) {
    String address = cluster.broker(id).address(Listener.CLIENTS).toString();
    try (Admin admin = Admin.builder().bootstrap(address).build()) {
      return admin.describeCluster();
    }
  }
}
