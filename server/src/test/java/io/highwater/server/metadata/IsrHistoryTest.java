package io.highwater.server.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.LeftOut;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.PartitionImage;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IsrHistoryTest {
  private static final UUID TOPIC_ID = new UUID(7, 7);
  private static final TopicIdPartition PARTITION = new TopicIdPartition(TOPIC_ID, 0);

  private final ClusterState cluster = new ClusterState(ClusterImage.EMPTY);
  private final IsrHistory history = new IsrHistory(() -> 1_234);
  private long index;

  private void apply(MetadataCommand command) {
    cluster.apply(++index, command).orThrow();
    history.onImage(cluster.image());
  }

  private void register(int broker, long previousBrokerEpoch) {
    apply(
        new MetadataCommand.RegisterBroker(
            broker,
            new UUID(index, broker),
            new UUID(3, broker),
            previousBrokerEpoch,
            cluster.image().broker(broker) == null ? -1 : epoch(broker),
            Map.of(),
            "test"));
  }

  private long epoch(int broker) {
    return cluster.image().broker(broker).epoch();
  }

  private void alterIsr(Integer... isr) {
    alterIsr(LeftOut.NONE, isr);
  }

  private void alterIsr(LeftOut leftOut, Integer... isr) {
    PartitionImage partition = cluster.image().partition(PARTITION);
    apply(
        new MetadataCommand.AlterIsr(
            List.of(
                new MetadataCommand.AlterIsr.Change(
                    TOPIC_ID,
                    0,
                    partition.leaderEpoch(),
                    partition.partitionEpoch(),
                    Arrays.stream(isr)
                        .map(id -> new MetadataCommand.AlterIsr.Member(id, epoch(id)))
                        .toList(),
                    leftOut))));
  }

  private String reason() {
    return history.of(PARTITION).orElseThrow().reason();
  }

  @BeforeEach
  void create() {
    apply(new MetadataCommand.FormatCluster("test"));
    for (int broker = 1; broker <= 3; broker++) {
      register(broker, -1);
    }
    apply(
        new MetadataCommand.CreateTopic(
            "orders", TOPIC_ID, List.of(List.of(1, 2, 3)), Map.of("min.insync.replicas", "1")));
  }

  @Test
  void aSetThatNeverChangedHasNoHistory() {
    assertThat(history.of(PARTITION)).isEmpty();
  }

  @Test
  void aFollowerThatLagsLeavesAndComesBackCaughtUp() {
    alterIsr(1, 2);
    assertThat(history.of(PARTITION).orElseThrow().left()).containsExactly(3);
    assertThat(history.of(PARTITION).orElseThrow().timeMs()).isEqualTo(1_234);
    assertThat(reason()).isEqualTo("broker 3 lagged for replica.lag.time.max.ms");

    alterIsr(1, 2, 3);
    assertThat(history.of(PARTITION).orElseThrow().joined()).containsExactly(3);
    assertThat(reason()).isEqualTo("broker 3 caught up");
  }

  @Test
  void aDeletedTopicIsForgotten() {
    alterIsr(1, 2);
    apply(new MetadataCommand.DeleteTopic(TOPIC_ID));
    assertThat(history.of(PARTITION)).isEmpty();
  }

  @Test
  void aFollowerOfWhichNothingIsHeardIsToldFromOneThatLags() {
    alterIsr(new LeftOut(List.of(3), List.of()), 1, 2);
    assertThat(reason())
        .isEqualTo("broker 3 was not heard of by its leader for broker.session.timeout.ms");
    alterIsr(1, 2, 3);
    alterIsr(1, 2);
    assertThat(reason()).isEqualTo("broker 3 lagged for replica.lag.time.max.ms");
  }

  @Test
  void aLeaderThatGaveUpIsToldFromAFollowerThatLags() {
    alterIsr(2, 3);
    assertThat(reason())
        .isEqualTo("broker 1 lost the leadership: it hears too few of its followers");
  }

  @Test
  void whoseDiskIsFullIsToldUntilItIsInSyncAgain() {
    alterIsr(new LeftOut(List.of(), List.of(3)), 1, 2);
    assertThat(reason()).isEqualTo("broker 3 takes no records: its disk is full");
    assertThat(cluster.image().partition(PARTITION).leftOut().full()).containsExactly(3);
    alterIsr(1, 2, 3);
    assertThat(cluster.image().partition(PARTITION).leftOut()).isEqualTo(LeftOut.NONE);

    alterIsr(new LeftOut(List.of(), List.of(1)), 2, 3);
    assertThat(reason()).isEqualTo("broker 1 gave the leadership up: its disk is full");
  }

  @Test
  void whatTheControllerDoesNamesItsCause() {
    apply(new MetadataCommand.ReplicasOffline(3, epoch(3), List.of(PARTITION)));
    assertThat(reason()).isEqualTo("broker 3 cannot serve its log");
    apply(new MetadataCommand.FenceBroker(2, epoch(2)));
    assertThat(reason()).isEqualTo("broker 2 was fenced");
  }

  @Test
  void anUncleanRestartAndAnUncleanElectionAreNamed() {
    register(3, -1);
    assertThat(reason()).isEqualTo("broker 3 restarted");
    alterIsr(1);
    apply(new MetadataCommand.FenceBroker(1, epoch(1)));
    apply(new MetadataCommand.ElectUnclean(List.of(PARTITION)));
    assertThat(reason()).contains("was elected uncleanly");
  }

  @Test
  void anotherOrderOfTheSameReplicasIsSaidToBeThat() {
    alterIsr(1, 2, 3);
    apply(
        new MetadataCommand.AlterReassignments(
            List.of(new MetadataCommand.AlterReassignments.Target(PARTITION, List.of(3, 1, 2)))));
    assertThat(cluster.image().partition(PARTITION).isr()).containsExactly(3, 1, 2);
    assertThat(reason()).isEqualTo("the replicas were put in another order");
  }
}
