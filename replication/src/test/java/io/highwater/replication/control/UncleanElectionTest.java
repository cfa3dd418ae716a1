package io.highwater.replication.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.CommandResult.PartitionRefusal;
import io.highwater.replication.control.MetadataCommand.ElectUnclean;
import io.highwater.replication.control.RecordLoss.Cause;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** LEP-7: what an unclean election may cost is remembered. */
class UncleanElectionTest {
  private static final TopicIdPartition PARTITION =
      new TopicIdPartition(ClusterFixture.TOPIC_ID, 0);

  private final ClusterFixture cluster = ClusterFixture.withBrokers(1, 2, 3);

  private List<PartitionRefusal> elect() {
    return cluster.accept(new ElectUnclean(List.of(PARTITION))).refusals();
  }

  /** Brokers 2 and 3 were not in sync when 1, which has everything, went. */
  private void onlyOneHasEverything() {
    cluster.create(1, 1, 2, 3);
    cluster.accept(cluster.alterIsr(1));
    cluster.fence(1);
    assertThat(cluster.partition().hasLeader()).isFalse();
  }

  @Test
  void theLongestLogOfWhoeverIsThereLeadsAlone() {
    onlyOneHasEverything();
    cluster.report(2, 0, 5);
    cluster.report(3, 0, 7);
    assertThat(cluster.partition().hasLeader()).isFalse();
    int epoch = cluster.partition().leaderEpoch();

    assertThat(elect()).isEmpty();
    PartitionImage partition = cluster.partition();
    assertThat(partition.leader()).isEqualTo(3);
    assertThat(partition.isr()).containsExactly(3);
    assertThat(partition.elr()).isEmpty();
    assertThat(partition.losses())
        .containsExactly(new RecordLoss(epoch + 1, 7, RecordLoss.UNKNOWN, Cause.UNCLEAN_ELECTION));
  }

  @Test
  void whatADamagedReplicaHadNamesTheEndOfTheLoss() {
    cluster.create(2, 1, 2);
    cluster.start(2);
    cluster.start(1);
    cluster.offline(1);
    cluster.report(1, -1, 9);
    cluster.report(2, 0, 5);

    assertThat(elect()).isEmpty();
    assertThat(cluster.partition().leader()).isEqualTo(2);
    RecordLoss loss = cluster.partition().losses().get(0);
    assertThat(loss.fromOffset()).isEqualTo(5);
    assertThat(loss.endOffset()).isEqualTo(9);
  }

  @Test
  void whatIsKnownOfADamagedReplicaThatIsGoneNamesTheLossToo() {
    cluster.create(1, 1, 2);
    cluster.start(2);
    cluster.start(1);
    cluster.offline(1);
    cluster.report(1, 1, 110);
    cluster.report(2, 0, 105);
    cluster.fence(1);

    assertThat(elect()).isEmpty();
    RecordLoss loss = cluster.partition().losses().get(0);
    assertThat(loss.fromOffset()).as("epoch 0 may end earlier there").isEqualTo(-1);
    assertThat(loss.endOffset()).isEqualTo(110);
  }

  @Test
  void whoeverHadMoreFollowsNow() {
    onlyOneHasEverything();
    cluster.report(2, 0, 5);
    elect();
    cluster.restartCleanly(1);
    cluster.fence(cluster.partition().leader());

    assertThat(cluster.partition().hasLeader()).isFalse();
    assertThat(cluster.partition().elr()).containsExactly(2);
  }

  @Test
  void aPartitionWithALeaderNeedsNone() {
    cluster.create(1, 1, 2);
    assertThat(elect())
        .extracting(PartitionRefusal::error)
        .containsExactly(ErrorCode.ELECTION_NOT_NEEDED);
  }

  @Test
  void nobodySoundIsNobodyToLead() {
    cluster.create(1, 1);
    cluster.offline(1);
    assertThat(elect())
        .extracting(PartitionRefusal::error)
        .containsExactly(ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE);
  }

  @Test
  void theyAreCountedForGood() throws IOException {
    onlyOneHasEverything();
    assertThat(cluster.state.image().lossCounts().unclean()).isZero();
    elect();
    assertThat(elect()).as("refused").hasSize(1);
    assertThat(cluster.state.image().lossCounts().unclean()).isEqualTo(1);

    cluster.accept(new MetadataCommand.DeleteTopic(ClusterFixture.TOPIC_ID));
    ByteArrayOutputStream snapshot = new ByteArrayOutputStream();
    ImageCodec.write(cluster.state.image(), snapshot);
    ClusterImage read = ImageCodec.read(new ByteArrayInputStream(snapshot.toByteArray()));
    assertThat(read).isEqualTo(cluster.state.image());
    assertThat(read.lossCounts().unclean()).isEqualTo(1);
  }

  @Test
  void manyLossesBecomeFewerThatTellNoLess() {
    PartitionImage partition = PartitionImage.created(0, List.of(1));
    partition = partition.withLoss(RecordLoss.none(0, 7));
    for (int i = 1; i <= PartitionImage.MAX_LOSSES; i++) {
      partition =
          partition.withLoss(
              new RecordLoss(i, 10L * i, i == 1 ? 15 : RecordLoss.UNKNOWN, Cause.ALL_UNCLEAN));
    }
    assertThat(partition.losses()).hasSize(PartitionImage.MAX_LOSSES);
    assertThat(partition.losses().get(0).fromOffset()).as("none is dropped first").isEqualTo(10);

    partition =
        partition.withLoss(new RecordLoss(99, 500, RecordLoss.UNKNOWN, Cause.UNCLEAN_ELECTION));
    assertThat(partition.losses()).hasSize(PartitionImage.MAX_LOSSES);
    assertThat(partition.losses().get(0)).isEqualTo(new RecordLoss(2, 10, 15, Cause.ALL_UNCLEAN));
    assertThat(partition.losses().get(1).leaderEpoch()).isEqualTo(3);
  }
}
