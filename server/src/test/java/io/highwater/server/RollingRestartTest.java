package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.highwater.client.NewTopic;
import io.highwater.client.admin.Admin;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brokers are stopped and started one after the other while clients write and read: they notice
 * nothing but retriable errors, which they retry by themselves.
 */
@Timeout(180)
class RollingRestartTest {
  private static final Logger LOG = LoggerFactory.getLogger(RollingRestartTest.class);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int BROKERS = 3;
  private static final String TOPIC = "orders";
  private static final int PARTITIONS = 6;

  @TempDir Path root;
  private BrokerProcesses brokers;

  @AfterEach
  void close() {
    if (brokers != null) {
      brokers.close();
    }
  }

  @Test
  void nothingIsLostOrDoubledWhileEveryBrokerIsRestarted() throws IOException {
    brokers = new BrokerProcesses(root, BROKERS);
    brokers.startAll();
    try (Admin admin = brokers.admin()) {
      await().atMost(PATIENCE).until(() -> isActive(admin, BROKERS));
      admin.createTopic(
          new NewTopic(TOPIC, PARTITIONS, BROKERS, Map.of("min.insync.replicas", "2")));
      try (SteadyLoad load = SteadyLoad.start(brokers.bootstrap(), TOPIC, PARTITIONS)) {
        load.awaitWritten(2_000);
        for (int node = 1; node <= BROKERS; node++) {
          load.begin();
          int exitCode = brokers.stop(node);
          assertThat(exitCode).as(brokers.log(node)).isZero();
          int stopped = node;
          assertThat(admin.describeTopic(TOPIC).partitions())
              .allSatisfy(
                  partition -> {
                    assertThat(partition.leaderId()).isPositive().isNotEqualTo(stopped);
                    assertThat(partition.inSyncReplicas()).doesNotContain(stopped);
                  });
          load.awaitWritten(2_000);
          LOG.warn("broker {} stopped: {}", node, load.gaps());
          brokers.start(node).join();
          await().atMost(PATIENCE).until(() -> isInSync(admin));
          LOG.warn("broker {} stopped and started: {}", node, load.gaps());
        }
        load.finish();
        load.assertNothingLostOrDoubled();
      }
    }
  }

  private static boolean isActive(Admin admin, int count) {
    return admin.describeCluster().brokers().stream().filter(broker -> !broker.fenced()).count()
        == count;
  }

  private static boolean isInSync(Admin admin) {
    try {
      return admin.describeTopic(TOPIC).partitions().stream()
          .allMatch(p -> p.hasLeader() && p.inSyncReplicas().size() == BROKERS);
    } catch (HighwaterException e) {
      if (e.code().retriable()) {
        return false;
      }
      throw e;
    }
  }
}
