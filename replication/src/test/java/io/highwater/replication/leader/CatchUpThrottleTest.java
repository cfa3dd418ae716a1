package io.highwater.replication.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.ListenerName;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataCommand.AlterReassignments;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Broker 1 leads, 2 is in sync, 3 is added. */
class CatchUpThrottleTest {
  private static final UUID TOPIC_ID = new UUID(1, 1);
  private static final TopicIdPartition PARTITION = new TopicIdPartition(TOPIC_ID, 0);
  private static final int IN_SYNC = 2;
  private static final int ADDED = 3;
  private static final int FRAME = 1 << 20;

  private final ClusterState cluster = new ClusterState(ClusterImage.EMPTY);
  private final CatchUpRate bearable = new CatchUpRate(100, 0);
  private long nowMs;
  private final CatchUpThrottle throttle =
      new CatchUpThrottle(cluster::image, bearable, () -> TimeUnit.MILLISECONDS.toNanos(nowMs));

  @BeforeEach
  void addAReplica() {
    accept(new MetadataCommand.FormatCluster("test"));
    for (int id = 1; id <= ADDED; id++) {
      accept(
          new MetadataCommand.RegisterBroker(
              id,
              new UUID(2, id),
              new UUID(3, id),
              -1,
              -1,
              Map.of(ListenerName.BROKERS, new Endpoint("localhost", 9_000 + id)),
              "test"));
    }
    accept(new MetadataCommand.CreateTopic("t", TOPIC_ID, List.of(List.of(1, 2)), Map.of()));
    accept(
        new AlterReassignments(
            List.of(new AlterReassignments.Target(PARTITION, List.of(1, ADDED)))));
  }

  private void accept(MetadataCommand command) {
    var unused = cluster.apply(cluster.image().index() + 1, command).orThrow();
  }

  /** Until the replica has to wait. */
  private int pushed(int follower, int mostFrames) {
    int frames = 0;
    while (frames < mostFrames && throttle.waitMs(PARTITION, follower) == 0) {
      throttle.sent(PARTITION, follower, FRAME);
      frames++;
    }
    return frames;
  }

  private void producersWait(long latencyMs) {
    for (int i = 0; i < 100; i++) {
      bearable.acknowledged(
          TimeUnit.MILLISECONDS.toNanos(latencyMs), TimeUnit.MILLISECONDS.toNanos(nowMs));
    }
    nowMs += 1_000;
  }

  @Test
  void onlyReplicasBeingAddedWaitForProducers() {
    assertThat(pushed(ADDED, 100)).isEqualTo(100);
    assertThat(throttle.isPaused(PARTITION, ADDED)).isFalse();

    for (int i = 0; i < 10; i++) {
      producersWait(1_000);
    }
    assertThat(throttle.isPaused(PARTITION, ADDED)).isTrue();
    assertThat(throttle.isPaused(PARTITION, IN_SYNC)).isFalse();
    assertThat(pushed(ADDED, 100)).isBetween(1, 3);
    assertThat(throttle.waitMs(PARTITION, ADDED)).isBetween(1L, 1_000L);
    assertThat(pushed(IN_SYNC, 100)).isEqualTo(100);

    nowMs += throttle.waitMs(PARTITION, ADDED);
    assertThat(pushed(ADDED, 100)).isEqualTo(1);
  }

  @Test
  void theyGoOnWhenProducersDoNotWaitAnyMore() {
    producersWait(1_000);
    for (int i = 0; i < 12; i++) {
      producersWait(1);
    }
    assertThat(throttle.isPaused(PARTITION, ADDED)).isFalse();
    assertThat(pushed(ADDED, 100)).isEqualTo(100);
  }
}
