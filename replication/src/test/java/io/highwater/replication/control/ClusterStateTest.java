package io.highwater.replication.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.MetadataCommand.AllocateProducerIds;
import io.highwater.replication.control.MetadataCommand.AlterIsr;
import io.highwater.replication.control.MetadataCommand.ConfirmRemoval;
import io.highwater.replication.control.MetadataCommand.CreateTopic;
import io.highwater.replication.control.MetadataCommand.DeleteTopic;
import io.highwater.replication.control.MetadataCommand.FenceBroker;
import io.highwater.replication.control.MetadataCommand.FormatCluster;
import io.highwater.replication.control.MetadataCommand.RegisterBroker;
import io.highwater.replication.control.MetadataCommand.ReplicasOffline;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterStateTest {
  private final ClusterFixture cluster = ClusterFixture.withBrokers(1, 2, 3);

  @Test
  void nothingIsAcceptedBeforeTheClusterHasItsId() {
    ClusterState state = new ClusterState(ClusterImage.EMPTY);

    assertThatThrownBy(() -> state.apply(0, cluster.register(9, -1)).orThrow())
        .isInstanceOf(HighwaterException.class);
    state.apply(1, new FormatCluster("a")).orThrow();
    state.apply(2, cluster.register(9, -1)).orThrow();
    assertThat(state.image().clusterId()).isEqualTo("a");
  }

  @Test
  void theClusterIdIsGivenOnce() {
    cluster.accept(new FormatCluster("cluster"));
    cluster.reject(new FormatCluster("another"), ErrorCode.INCONSISTENT_CLUSTER_ID);
  }

  @Test
  void aRegistrationsEpochIsItsIndex() {
    long index = cluster.accept(cluster.register(9, -1)).index();

    assertThat(cluster.epoch(9)).isEqualTo(index);
  }

  @Test
  void aLivingBrokersIdIsNotGivenToAnotherDirectory() {
    RegisterBroker other =
        new RegisterBroker(
            1, new UUID(9, 9), new UUID(9, 9), -1, cluster.epoch(1), Map.of(), "test");

    cluster.reject(other, ErrorCode.DUPLICATE_BROKER_REGISTRATION);
    cluster.fence(1);
    cluster.accept(other);
  }

  @Test
  void aLateRegistrationOfADeadProcessDoesNotSupersedeItsSuccessor() {
    RegisterBroker dead = cluster.register(1, -1);
    cluster.start(1);
    long successor = cluster.epoch(1);

    cluster.reject(dead, ErrorCode.INVALID_UPDATE_VERSION);
    cluster.fence(1);
    cluster.reject(dead, ErrorCode.INVALID_UPDATE_VERSION);
    assertThat(cluster.epoch(1)).isEqualTo(successor);
    cluster.start(1);
    assertThat(cluster.epoch(1)).isGreaterThan(successor);
  }

  @Test
  void anOldBrokerEpochFencesNobody() {
    long old = cluster.epoch(1);
    cluster.start(1);

    cluster.reject(new FenceBroker(1, old), ErrorCode.STALE_BROKER_EPOCH);
    cluster.reject(new FenceBroker(8, 1), ErrorCode.STALE_BROKER_EPOCH);
    assertThat(cluster.state.image().broker(1).fenced()).isFalse();
  }

  @Test
  void staleProposalsOfInSyncSetsAreRefusedWhole() {
    cluster.create(2, 1, 2, 3);
    AlterIsr late = cluster.alterIsr(1, 2);
    cluster.accept(cluster.alterIsr(1, 3));
    assertThat(refusal(late)).isEqualTo(ErrorCode.INVALID_UPDATE_VERSION);

    AlterIsr ofOldRegistration = cluster.alterIsr(1, 3, 2);
    cluster.start(2);
    assertThat(refusal(ofOldRegistration)).isEqualTo(ErrorCode.INELIGIBLE_REPLICA);

    AlterIsr ofOldLeader = cluster.alterIsr(1, 3, 2);
    cluster.fence(1);
    assertThat(refusal(ofOldLeader)).isEqualTo(ErrorCode.FENCED_LEADER_EPOCH);
    assertThat(refusal(cluster.alterIsr(3, 1))).isEqualTo(ErrorCode.INELIGIBLE_REPLICA);
    assertThat(refusal(cluster.alterIsr(2))).isEqualTo(ErrorCode.INVALID_REQUEST);
    assertThat(refusal(cluster.alterIsr(3, 3))).isEqualTo(ErrorCode.INVALID_REQUEST);
    assertThat(cluster.partition().isr()).containsExactly(3);

    assertThat(cluster.accept(cluster.alterIsr(3, 2)).refusals()).isEmpty();
    assertThat(cluster.partition().isr()).containsExactly(2, 3);
  }

  @Test
  void aStoppingBrokerJoinsNoInSyncSet() {
    cluster.create(1, 1, 2);
    cluster.accept(cluster.alterIsr(1));
    cluster.stop(2);

    assertThat(refusal(cluster.alterIsr(1, 2))).isEqualTo(ErrorCode.INELIGIBLE_REPLICA);
  }

  @Test
  void oneEntryChangesManyInSyncSets() {
    UUID id = new UUID(3, 3);
    cluster.accept(
        new CreateTopic("wide", id, Collections.nCopies(1_000, List.of(1, 2, 3)), Map.of()));
    List<AlterIsr.Change> changes =
        cluster.state.image().topic("wide").partitions().stream()
            .map(
                p ->
                    new AlterIsr.Change(
                        id,
                        p.partition(),
                        0,
                        p.partition() % 2,
                        List.of(new AlterIsr.Member(1, cluster.epoch(1)))))
            .toList();

    assertThat(cluster.accept(new AlterIsr(changes)).refusals()).hasSize(500);
    assertThat(cluster.state.image().topic(id).partition(998).isr()).containsExactly(1);
    assertThat(cluster.state.image().topic(id).partition(999).isr()).containsExactly(1, 2, 3);
  }

  @Test
  void oneEntryFencesABrokerEverywhere() {
    UUID id = new UUID(3, 3);
    cluster.accept(
        new CreateTopic("wide", id, Collections.nCopies(1_000, List.of(1, 2, 3)), Map.of()));
    cluster.fence(1);

    assertThat(cluster.state.image().topic(id).partitions())
        .allSatisfy(
            p -> {
              assertThat(p.leader()).isEqualTo(2);
              assertThat(p.isr()).containsExactly(2, 3);
              assertThat(p.partitionEpoch()).isEqualTo(1);
            });
  }

  @Test
  void producerIdsAreHandedOutOnce() {
    long epoch = cluster.epoch(1);

    assertThat(cluster.accept(new AllocateProducerIds(1, epoch, 1_000)).firstProducerId()).isZero();
    assertThat(cluster.accept(new AllocateProducerIds(1, epoch, 10)).firstProducerId())
        .isEqualTo(1_000);
    cluster.reject(new AllocateProducerIds(1, epoch, 0), ErrorCode.INVALID_REQUEST);
    cluster.reject(
        new AllocateProducerIds(1, epoch, ClusterState.MAX_PRODUCER_ID_BLOCK + 1),
        ErrorCode.INVALID_REQUEST);
    cluster.reject(new AllocateProducerIds(1, epoch + 1, 10), ErrorCode.STALE_BROKER_EPOCH);
  }

  @Test
  void offlineReplicasAreSaidByTheBrokerThatHasThem() {
    cluster.create(1, 1, 2);
    TopicIdPartition id = new TopicIdPartition(ClusterFixture.TOPIC_ID, 0);
    TopicIdPartition unknown = new TopicIdPartition(new UUID(5, 5), 0);
    cluster.reject(
        new ReplicasOffline(1, cluster.epoch(1) + 1, List.of(id)), ErrorCode.STALE_BROKER_EPOCH);
    PartitionImage before = cluster.partition();

    cluster.accept(new ReplicasOffline(3, cluster.epoch(3), List.of(id, unknown)));
    assertThat(cluster.partition()).isEqualTo(before);
    assertThat(cluster.state.image().broker(3).offline()).isEmpty();
    cluster.accept(new ReplicasOffline(1, cluster.epoch(1), List.of(id, id, unknown)));
    assertThat(cluster.partition().partitionEpoch()).isEqualTo(1);
    assertThat(cluster.state.image().broker(1).offline()).containsExactly(id);
  }

  @Test
  void aProposalUnderWayBringsNobodyBackWhoWentOfflineMeanwhile() {
    cluster.create(1, 1, 2);
    cluster.accept(cluster.alterIsr(1));
    AlterIsr joining = cluster.alterIsr(1, 2);
    cluster.offline(2);

    assertThat(refusal(joining)).isEqualTo(ErrorCode.INVALID_UPDATE_VERSION);
    AlterIsr ofOneFetchedAgain = cluster.alterIsr(1, 2);
    cluster.offline(2);
    assertThat(refusal(ofOneFetchedAgain)).isEqualTo(ErrorCode.INVALID_UPDATE_VERSION);
    assertThat(cluster.state.image().broker(2).offline()).isNotEmpty();
    assertThat(cluster.accept(cluster.alterIsr(1, 2)).refusals()).isEmpty();
    assertThat(cluster.state.image().broker(2).offline()).isEmpty();
  }

  @Test
  void aDeletedTopicHasNoOfflineReplicas() {
    cluster.create(1, 1, 2);
    cluster.offline(1);
    cluster.accept(new DeleteTopic(ClusterFixture.TOPIC_ID));

    assertThat(cluster.state.image().broker(1).offline()).isEmpty();
  }

  @Test
  void aDeletedTopicIsRememberedUntilEveryReplicaIsRidOfIt() {
    cluster.create(1, 1, 2);
    UUID id = ClusterFixture.TOPIC_ID;
    cluster.accept(new DeleteTopic(id));
    cluster.reject(new DeleteTopic(id), ErrorCode.UNKNOWN_TOPIC_ID);
    assertThat(cluster.state.image().topic("orders")).isNull();
    assertThat(cluster.state.image().deletedTopic(id).unconfirmed()).containsExactly(1, 2);
    cluster.reject(
        new CreateTopic("orders", id, List.of(List.of(1)), Map.of()), ErrorCode.INVALID_REQUEST);
    cluster.accept(new CreateTopic("orders", new UUID(8, 8), List.of(List.of(1)), Map.of()));

    cluster.accept(new ConfirmRemoval(2, cluster.epoch(2), List.of(id)));
    cluster.accept(new ConfirmRemoval(1, cluster.epoch(1), List.of(id)));
    assertThat(cluster.state.image().deletedTopics()).isEmpty();
    assertThat(cluster.state.image().topic("orders").id()).isEqualTo(new UUID(8, 8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "a b", "ü", "a\n", "a:b"})
  void illegalNamesAreRefused(String name) {
    cluster.reject(topic(name, Map.of(), List.of(1)), ErrorCode.INVALID_TOPIC_EXCEPTION);
  }

  @Test
  void namesHaveABound() {
    cluster.reject(topic("a".repeat(250), Map.of(), List.of(1)), ErrorCode.INVALID_TOPIC_EXCEPTION);
    cluster.accept(topic("a".repeat(249), Map.of(), List.of(1)));
  }

  @Test
  void aNameIsTakenOnce() {
    cluster.create(1, 1);

    cluster.reject(topic("orders", Map.of(), List.of(1)), ErrorCode.TOPIC_ALREADY_EXISTS);
  }

  @Test
  void topicsThatCannotBePlacedAreRefused() {
    cluster.reject(
        new CreateTopic("a", new UUID(5, 5), List.of(), Map.of()), ErrorCode.INVALID_PARTITIONS);
    cluster.reject(
        new CreateTopic("a", new UUID(5, 5), Collections.nCopies(10_001, List.of(1)), Map.of()),
        ErrorCode.INVALID_PARTITIONS);
    cluster.reject(topic("a", Map.of(), List.of()), ErrorCode.INVALID_REPLICATION_FACTOR);
    cluster.reject(topic("a", Map.of(), List.of(1, 1)), ErrorCode.INVALID_REPLICATION_FACTOR);
    cluster.reject(topic("a", Map.of(), List.of(1, 7)), ErrorCode.BROKER_NOT_AVAILABLE);
    cluster.fence(1);
    cluster.reject(topic("a", Map.of(), List.of(1)), ErrorCode.BROKER_NOT_AVAILABLE);
  }

  @Test
  void settingsAreKnownAndInBounds() {
    cluster.reject(topic("a", Map.of("segment.byte", "1"), List.of(1)), ErrorCode.INVALID_CONFIG);
    cluster.reject(
        topic("a", Map.of("segment.bytes", "many"), List.of(1)), ErrorCode.INVALID_CONFIG);
    cluster.reject(
        topic("a", Map.of("min.insync.replicas", "0"), List.of(1)), ErrorCode.INVALID_CONFIG);
    cluster.accept(topic("a", Map.of("segment.bytes", "1048576"), List.of(1)));
  }

  @Test
  void anUnknownSettingGetsASuggestion() {
    assertThat(TopicConfigs.problem(Map.of("min.insync.replica", "2")))
        .hasValueSatisfying(text -> assertThat(text).contains("min.insync.replicas"));
  }

  @Test
  void fewerReplicasThanTheMinimumLowerIt() {
    cluster.create(3, 1, 2);

    assertThat(cluster.topic().minInSyncReplicas(cluster.partition())).isEqualTo(2);
  }

  private ErrorCode refusal(AlterIsr proposal) {
    PartitionImage before = cluster.partition();
    List<CommandResult.PartitionRefusal> refusals = cluster.accept(proposal).refusals();
    assertThat(refusals).hasSize(1);
    assertThat(cluster.partition()).isEqualTo(before);
    return refusals.get(0).error();
  }

  private static CreateTopic topic(
      String name, Map<String, String> configs, List<Integer> replicas) {
    return new CreateTopic(name, new UUID(5, 5), List.of(replicas), configs);
  }
}
