package io.highwater.replication.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.CommandResult.PartitionRefusal;
import io.highwater.replication.control.MetadataCommand.AddPartitions;
import io.highwater.replication.control.MetadataCommand.AlterReassignments;
import io.highwater.replication.control.MetadataCommand.AlterTopicConfigs;
import io.highwater.replication.control.MetadataCommand.ConfirmReplicaRemoval;
import io.highwater.replication.control.MetadataCommand.DeleteTopic;
import io.highwater.replication.control.MetadataCommand.DrainBroker;
import io.highwater.replication.control.MetadataCommand.ElectLeaders;
import io.highwater.replication.control.MetadataCommand.UnregisterBroker;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What an operator changes, as the metadata log decides it. */
class AdministrationTest {
  private static final UUID TOPIC = ClusterFixture.TOPIC_ID;
  private static final TopicIdPartition PARTITION = new TopicIdPartition(TOPIC, 0);

  private final ClusterFixture cluster = ClusterFixture.withBrokers(1, 2, 3, 4);

  private AlterTopicConfigs alter(Map<String, String> set, String... delete) {
    return new AlterTopicConfigs(TOPIC, set, List.of(delete));
  }

  private static AlterReassignments reassign(Integer... replicas) {
    return new AlterReassignments(
        List.of(new AlterReassignments.Target(PARTITION, List.of(replicas))));
  }

  private void refuses(MetadataCommand command, ErrorCode error) {
    PartitionImage before = cluster.partition();
    assertThat(cluster.accept(command).refusals())
        .extracting(PartitionRefusal::error)
        .containsExactly(error);
    assertThat(cluster.partition()).isEqualTo(before);
  }

  @Test
  void settingsAreSetAndDeleted() {
    cluster.create(2, 1, 2, 3);

    cluster.accept(alter(Map.of("retention.ms", "5", "segment.bytes", "4096")));
    cluster.accept(alter(Map.of("retention.ms", "6"), "segment.bytes", "flush.ms"));

    assertThat(cluster.topic().configs())
        .containsOnly(Map.entry("min.insync.replicas", "2"), Map.entry("retention.ms", "6"));
    assertThat(cluster.partition().partitionEpoch()).isZero();
  }

  @Test
  void settingsThatCannotBeAreRefusedByName() {
    cluster.create(2, 1, 2, 3);

    cluster.reject(alter(Map.of("retention.mss", "5")), ErrorCode.INVALID_CONFIG);
    cluster.reject(alter(Map.of("retention.ms", "soon")), ErrorCode.INVALID_CONFIG);
    cluster.reject(alter(Map.of(), "retention.mss"), ErrorCode.INVALID_CONFIG);
    cluster.reject(alter(Map.of("flush.ms", "1"), "flush.ms"), ErrorCode.INVALID_CONFIG);
    cluster.reject(
        new AlterTopicConfigs(new UUID(0, 1), Map.of(), List.of()), ErrorCode.UNKNOWN_TOPIC_ID);
  }

  @Test
  void aCompactedTopicStaysOne() {
    cluster.create(2, 1, 2, 3);
    cluster.accept(alter(Map.of("cleanup.policy", "compact")));
    cluster.accept(alter(Map.of("cleanup.policy", "compact,delete")));

    cluster.reject(alter(Map.of("cleanup.policy", "delete")), ErrorCode.INVALID_CONFIG);
    cluster.reject(alter(Map.of(), "cleanup.policy"), ErrorCode.INVALID_CONFIG);
  }

  @Test
  void aLowerMinimumForgetsWhoWasEligibleAndAHigherOneMakesNobodySo() {
    cluster.create(2, 1, 2, 3);
    cluster.fence(3);
    cluster.fence(2);
    assertThat(cluster.partition().elr()).containsExactly(2);
    int epoch = cluster.partition().partitionEpoch();

    cluster.accept(alter(Map.of("min.insync.replicas", "1")));
    assertThat(cluster.partition().elr()).isEmpty();
    assertThat(cluster.partition().partitionEpoch()).isEqualTo(epoch + 1);

    cluster.accept(alter(Map.of("min.insync.replicas", "3")));
    assertThat(cluster.partition().isr()).containsExactly(1);
    assertThat(cluster.partition().elr()).isEmpty();
    assertThat(cluster.partition().partitionEpoch()).isEqualTo(epoch + 2);
  }

  @Test
  void anotherPromiseOfDurabilityBeginsAnotherEpochOfTheSameLeader() {
    cluster.create(2, 1, 2, 3);

    cluster.accept(alter(Map.of("flush.messages", "1")));
    assertThat(cluster.partition().leader()).isEqualTo(1);
    assertThat(cluster.partition().leaderEpoch()).isEqualTo(1);

    cluster.accept(alter(Map.of("flush.policy", "group")));
    assertThat(cluster.partition().leaderEpoch()).isEqualTo(1);
  }

  @Test
  void aTopicOnlyGrows() {
    cluster.create(2, 1, 2, 3);

    cluster.accept(new AddPartitions(TOPIC, 1, List.of(List.of(2, 3, 4), List.of(3, 4, 1))));

    assertThat(cluster.topic().partitions()).hasSize(3);
    assertThat(cluster.topic().partition(2).leader()).isEqualTo(3);
    assertThat(cluster.topic().partition(2).isr()).containsExactly(3, 4, 1);
    cluster.reject(
        new AddPartitions(TOPIC, 1, List.of(List.of(1, 2, 3))), ErrorCode.INVALID_UPDATE_VERSION);
    cluster.reject(new AddPartitions(TOPIC, 3, List.of()), ErrorCode.INVALID_PARTITIONS);
    cluster.reject(
        new AddPartitions(TOPIC, 3, List.of(List.of(1, 9))), ErrorCode.BROKER_NOT_AVAILABLE);
  }

  @Test
  void thePreferredLeaderLeadsAgainOnceItIsInSync() {
    cluster.create(2, 1, 2, 3);
    ElectLeaders election = new ElectLeaders(List.of(PARTITION));
    refuses(election, ErrorCode.ELECTION_NOT_NEEDED);
    cluster.fence(1);
    refuses(election, ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE);
    cluster.start(1);
    refuses(election, ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE);
    cluster.accept(cluster.alterIsr(1, 2, 3));
    int epoch = cluster.partition().leaderEpoch();

    assertThat(cluster.accept(election).refusals()).isEmpty();

    assertThat(cluster.partition().leader()).isEqualTo(1);
    assertThat(cluster.partition().leaderEpoch()).isEqualTo(epoch + 1);
    assertThat(cluster.partition().isr()).containsExactly(1, 2, 3);
    assertThat(
            cluster
                .accept(new ElectLeaders(List.of(new TopicIdPartition(TOPIC, 7))))
                .refusals()
                .get(0)
                .error())
        .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  }

  @Test
  void replicasChangeInOneEntryOnceTheAddedAreInSync() {
    cluster.create(2, 1, 2, 3);

    cluster.accept(reassign(4, 2));
    assertThat(cluster.partition().replicas()).containsExactly(4, 2, 1, 3);
    assertThat(cluster.partition().isr()).containsExactly(2, 1, 3);
    assertThat(cluster.partition().leader()).isEqualTo(1);
    assertThat(cluster.partition().moves())
        .isEqualTo(new ReplicaMoves(List.of(4), List.of(1, 3), List.of()));

    cluster.accept(cluster.alterIsr(1, 2, 3, 4));
    assertThat(cluster.partition().replicas()).containsExactly(4, 2);
    assertThat(cluster.partition().isr()).containsExactly(4, 2);
    assertThat(cluster.partition().leader()).isEqualTo(4);
    assertThat(cluster.partition().leaderEpoch()).isEqualTo(1);
    assertThat(cluster.partition().moves().left()).containsExactly(1, 3);

    cluster.accept(new ConfirmReplicaRemoval(3, cluster.epoch(3), List.of(PARTITION)));
    assertThat(cluster.partition().moves().left()).containsExactly(1);
    cluster.reject(
        new ConfirmReplicaRemoval(1, 0, List.of(PARTITION)), ErrorCode.STALE_BROKER_EPOCH);
  }

  /** A broker that has not heard of it must not follow with what it is going to delete. */
  @Test
  void whoLeavesLeavesBehindAnotherLeaderEpoch() {
    cluster.create(2, 1, 2, 3);
    cluster.accept(reassign(1, 2));
    assertThat(cluster.partition().moves().left()).containsExactly(3);
    assertThat(cluster.partition().leader()).isEqualTo(1);
    assertThat(cluster.partition().leaderEpoch()).isEqualTo(1);

    cluster.accept(reassign(1, 2, 3));
    assertThat(cluster.partition().moves().left()).isEmpty();
    assertThat(cluster.partition().leaderEpoch()).as("who comes changes nothing").isEqualTo(1);
  }

  @Test
  void aSingleReplicaMovesWithoutDemandingTwoOnTheWay() {
    cluster.create(2, 1);

    cluster.accept(reassign(2));

    assertThat(cluster.topic().minInSyncReplicas(cluster.partition())).isEqualTo(1);
    cluster.accept(cluster.alterIsr(1, 2));
    assertThat(cluster.partition().replicas()).containsExactly(2);
    assertThat(cluster.partition().leader()).isEqualTo(2);
  }

  @Test
  void whatIsCalledOffLeavesTheReplicasOfBefore() {
    cluster.create(2, 1, 2, 3);
    refuses(reassign(), ErrorCode.NO_REASSIGNMENT_IN_PROGRESS);
    cluster.accept(reassign(4, 2, 3));

    cluster.accept(reassign());

    assertThat(cluster.partition().replicas()).containsExactlyInAnyOrder(1, 2, 3);
    assertThat(cluster.partition().moves())
        .isEqualTo(new ReplicaMoves(List.of(), List.of(), List.of(4)));
  }

  @Test
  void aReassignmentThatTurnsReleasesWhoIsNotWantedAnyMore() {
    cluster.create(2, 1, 2);
    cluster.accept(reassign(3, 2));

    cluster.accept(reassign(4, 2));

    assertThat(cluster.partition().replicas()).containsExactly(4, 2, 1);
    assertThat(cluster.partition().moves())
        .isEqualTo(new ReplicaMoves(List.of(4), List.of(1), List.of(3)));
  }

  @Test
  void whoCannotBeReplicasAreRefused() {
    cluster.create(2, 1, 2);
    refuses(reassign(1, 1), ErrorCode.INVALID_REPLICA_ASSIGNMENT);
    refuses(reassign(1, 9), ErrorCode.INVALID_REPLICA_ASSIGNMENT);
    cluster.accept(new DrainBroker(3, true));
    refuses(reassign(1, 3), ErrorCode.INVALID_REPLICA_ASSIGNMENT);
    cluster.fence(4);
    refuses(reassign(1, 4), ErrorCode.INVALID_REPLICA_ASSIGNMENT);
  }

  @Test
  void theLastReplicaInSyncCannotBeCalledOff() {
    cluster.create(1, 1);
    cluster.accept(reassign(2, 1, 3));
    cluster.accept(cluster.alterIsr(1, 2));
    cluster.fence(1);
    assertThat(cluster.partition().leader()).isEqualTo(2);

    refuses(reassign(), ErrorCode.INVALID_REPLICA_ASSIGNMENT);
  }

  @Test
  void addedReplicasThatHoldTheMinimumUpCannotBeCalledOffNorLeftBehind() {
    cluster.create(2, 1, 2);
    cluster.accept(reassign(4, 1, 3));
    cluster.accept(cluster.alterIsr(1, 4));
    assertThat(cluster.partition().isr()).containsExactlyInAnyOrder(1, 4);

    refuses(reassign(), ErrorCode.INVALID_REPLICA_ASSIGNMENT);
    refuses(reassign(3, 1), ErrorCode.INVALID_REPLICA_ASSIGNMENT);

    cluster.accept(cluster.alterIsr(1, 2, 4));
    assertThat(cluster.accept(reassign()).refusals()).isEmpty();
    assertThat(cluster.partition().isr()).containsExactly(1, 2);
  }

  @Test
  void aDeletedTopicIsRememberedForWhoHadLeftIt() {
    cluster.create(1, 1);
    cluster.accept(reassign(2));
    cluster.accept(cluster.alterIsr(1, 2));

    cluster.accept(new DeleteTopic(TOPIC));

    assertThat(cluster.state.image().deletedTopic(TOPIC).unconfirmed()).containsExactly(1, 2);
  }

  private UnregisterBroker unregister(int id) {
    return new UnregisterBroker(id, cluster.epoch(id));
  }

  @Test
  void aBrokerIsForgottenOnceItIsFencedAndHasNoReplicas() {
    cluster.create(1, 1, 3);
    long epoch = cluster.epoch(3);
    cluster.reject(new UnregisterBroker(9, 1), ErrorCode.BROKER_ID_NOT_REGISTERED);
    cluster.reject(unregister(3), ErrorCode.POLICY_VIOLATION);
    cluster.reject(new UnregisterBroker(3, epoch + 1), ErrorCode.STALE_BROKER_EPOCH);
    cluster.fence(3);
    cluster.reject(unregister(3), ErrorCode.POLICY_VIOLATION);
    cluster.accept(reassign(1, 2));
    cluster.reject(unregister(3), ErrorCode.POLICY_VIOLATION);
    cluster.accept(cluster.alterIsr(1, 2));
    assertThat(cluster.partition().moves().left()).containsExactly(3);

    UnregisterBroker command = unregister(3);
    assertThat(CommandCodec.decode(CommandCodec.encode(command))).isEqualTo(command);
    cluster.accept(command);

    assertThat(cluster.state.image().brokers())
        .extracting(BrokerRegistration::id)
        .containsExactly(1, 2, 4);
    assertThat(cluster.partition().moves()).isEqualTo(ReplicaMoves.NONE);
    cluster.start(3);
    assertThat(cluster.epoch(3)).isGreaterThan(epoch);
  }

  @Test
  void aDeletedTopicDoesNotWaitForABrokerThatIsForgotten() {
    cluster.create(1, 1, 3);
    cluster.accept(new DeleteTopic(TOPIC));
    cluster.fence(3);
    cluster.accept(unregister(3));

    assertThat(cluster.state.image().deletedTopic(TOPIC).unconfirmed()).containsExactly(1);
  }

  @Test
  void aDrainedBrokerGivesItsLeadershipsAwayAndStaysInSync() {
    cluster.create(2, 1, 2, 3);

    cluster.accept(new DrainBroker(1, true));

    assertThat(cluster.partition().leader()).isEqualTo(2);
    assertThat(cluster.partition().isr()).containsExactly(1, 2, 3);
    refuses(new ElectLeaders(List.of(PARTITION)), ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE);
    cluster.restartCleanly(1);
    assertThat(cluster.state.image().broker(1).draining()).isTrue();
    cluster.accept(new DrainBroker(1, false));
    assertThat(cluster.state.image().broker(1).placeable()).isTrue();
  }
}
