package io.highwater.client.grpc;

import io.highwater.client.AdminCalls;
import io.highwater.client.ControllerDescription;
import io.highwater.client.DeletedRecords;
import io.highwater.client.DrainProgress;
import io.highwater.client.FeatureUpdate;
import io.highwater.client.LeaderAnswer;
import io.highwater.client.NewTopic;
import io.highwater.client.PartitionOutcome;
import io.highwater.client.QuorumChange;
import io.highwater.client.QuorumDescription;
import io.highwater.client.RecordDeletion;
import io.highwater.client.ReplicaLag;
import io.highwater.client.ReplicaMove;
import io.highwater.client.TopicAlteration;
import io.highwater.client.TopicDescription;
import io.highwater.client.VerifiedRange;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.v1.AddControllerRequest;
import io.highwater.proto.v1.AddPartitionsRequest;
import io.highwater.proto.v1.ClusterAdminServiceGrpc;
import io.highwater.proto.v1.CreateTopicRequest;
import io.highwater.proto.v1.DeleteTopicRequest;
import io.highwater.proto.v1.DescribeQuorumRequest;
import io.highwater.proto.v1.DrainBrokerRequest;
import io.highwater.proto.v1.QuorumAdminServiceGrpc;
import io.highwater.proto.v1.RebalanceClusterRequest;
import io.highwater.proto.v1.RemoveControllerRequest;
import io.highwater.proto.v1.TopicAdminServiceGrpc;
import io.highwater.proto.v1.UnregisterBrokerRequest;
import io.highwater.proto.v1.UpdateFeaturesRequest;
import io.highwater.proto.v1.VerifyReplicasRequest;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** The calls that administer a cluster, over gRPC. */
final class GrpcAdminCalls implements AdminCalls {
  private final GrpcCalls calls;

  GrpcAdminCalls(GrpcCalls calls) {
    this.calls = calls;
  }

  @Override
  public CompletableFuture<TopicDescription> createTopic(NewTopic topic, long timeoutMs) {
    return calls.call(
        TopicAdminServiceGrpc.getCreateTopicMethod(),
        CreateTopicRequest.newBuilder()
            .setName(topic.name())
            .setPartitions(topic.partitions())
            .setReplicationFactor(topic.replicationFactor())
            .putAllConfigs(topic.configs())
            .build(),
        timeoutMs,
        response -> WireValues.topic(response.getTopic()));
  }

  @Override
  public CompletableFuture<TopicDescription> alterTopic(
      TopicAlteration alteration, boolean dryRun, long timeoutMs) {
    return calls.call(
        TopicAdminServiceGrpc.getAlterTopicConfigsMethod(),
        AdminValues.alteration(alteration, dryRun),
        timeoutMs,
        response -> WireValues.topic(response.getTopic()));
  }

  @Override
  public CompletableFuture<TopicDescription> addPartitions(
      String name, int partitions, boolean dryRun, long timeoutMs) {
    return calls.call(
        TopicAdminServiceGrpc.getAddPartitionsMethod(),
        AddPartitionsRequest.newBuilder()
            .setName(name)
            .setPartitions(partitions)
            .setDryRun(dryRun)
            .build(),
        timeoutMs,
        response -> WireValues.topic(response.getTopic()));
  }

  @Override
  public CompletableFuture<List<PartitionOutcome>> electLeaders(
      boolean unclean, List<TopicPartition> partitions, long timeoutMs) {
    return calls.call(
        ClusterAdminServiceGrpc.getElectLeadersMethod(),
        AdminValues.election(unclean, partitions),
        timeoutMs,
        response -> AdminValues.outcomes(response.getOutcomesList()));
  }

  @Override
  public CompletableFuture<List<PartitionOutcome>> acknowledgeLosses(
      List<TopicPartition> partitions, boolean dryRun, long timeoutMs) {
    return calls.call(
        ClusterAdminServiceGrpc.getAcknowledgeLossesMethod(),
        AdminValues.acknowledgement(partitions, dryRun),
        timeoutMs,
        response -> AdminValues.outcomes(response.getOutcomesList()));
  }

  @Override
  public CompletableFuture<List<PartitionOutcome>> reassign(
      List<ReplicaMove> moves, boolean cancel, boolean dryRun, long timeoutMs) {
    return calls.call(
        ClusterAdminServiceGrpc.getReassignPartitionsMethod(),
        AdminValues.reassignment(moves, cancel, dryRun),
        timeoutMs,
        response -> AdminValues.outcomes(response.getOutcomesList()));
  }

  @Override
  public CompletableFuture<LeaderAnswer<List<ReplicaLag>>> describeReplicas(
      TopicPartition partition, int leaderEpoch, long timeoutMs) {
    return calls.call(
        ClusterAdminServiceGrpc.getDescribeReplicasMethod(),
        AdminValues.replicas(partition, leaderEpoch),
        timeoutMs,
        AdminValues::lags);
  }

  @Override
  public CompletableFuture<LeaderAnswer<VerifiedRange>> verifyReplicas(
      TopicPartition partition, int leaderEpoch, long fromOffset, boolean repair, long timeoutMs) {
    return calls.call(
        ClusterAdminServiceGrpc.getVerifyReplicasMethod(),
        VerifyReplicasRequest.newBuilder()
            .setPartition(AdminValues.name(partition))
            .setCurrentLeaderEpoch(leaderEpoch)
            .setFromOffset(fromOffset)
            .setRepair(repair)
            .build(),
        timeoutMs,
        AdminValues::verified);
  }

  @Override
  public CompletableFuture<DrainProgress> drainBroker(
      int nodeId, boolean undo, boolean dryRun, long timeoutMs) {
    return calls.call(
        ClusterAdminServiceGrpc.getDrainBrokerMethod(),
        DrainBrokerRequest.newBuilder().setNodeId(nodeId).setUndo(undo).setDryRun(dryRun).build(),
        timeoutMs,
        AdminValues::drained);
  }

  @Override
  public CompletableFuture<Void> unregisterBroker(int nodeId, long timeoutMs) {
    return calls.call(
        ClusterAdminServiceGrpc.getUnregisterBrokerMethod(),
        UnregisterBrokerRequest.newBuilder().setNodeId(nodeId).build(),
        timeoutMs,
        response -> null);
  }

  @Override
  public CompletableFuture<List<FeatureUpdate>> updateFeatures(
      Map<String, Integer> levels, boolean dryRun, long timeoutMs) {
    return calls.call(
        ClusterAdminServiceGrpc.getUpdateFeaturesMethod(),
        UpdateFeaturesRequest.newBuilder().putAllLevels(levels).setDryRun(dryRun).build(),
        timeoutMs,
        response ->
            response.getUpdatesList().stream()
                .map(u -> new FeatureUpdate(u.getFeature(), u.getFromLevel(), u.getLevel()))
                .toList());
  }

  @Override
  public CompletableFuture<List<ReplicaMove>> rebalance(boolean dryRun, long timeoutMs) {
    return calls.call(
        ClusterAdminServiceGrpc.getRebalanceClusterMethod(),
        RebalanceClusterRequest.newBuilder().setDryRun(dryRun).build(),
        timeoutMs,
        response -> AdminValues.moves(response.getMovesList()));
  }

  @Override
  public CompletableFuture<UUID> deleteTopic(String name, long timeoutMs) {
    return calls.call(
        TopicAdminServiceGrpc.getDeleteTopicMethod(),
        DeleteTopicRequest.newBuilder().setName(name).build(),
        timeoutMs,
        response -> WireValues.topicId(response.getTopicId()));
  }

  @Override
  public CompletableFuture<QuorumDescription> describeQuorum(long timeoutMs) {
    return calls.call(
        QuorumAdminServiceGrpc.getDescribeQuorumMethod(),
        DescribeQuorumRequest.getDefaultInstance(),
        timeoutMs,
        response ->
            new QuorumDescription(
                WireValues.controllers(response.getVotersList()),
                WireValues.controllers(response.getStandbysList()),
                response.getLeaderId()));
  }

  @Override
  public CompletableFuture<List<ControllerDescription>> changeQuorum(
      QuorumChange change, long timeoutMs) {
    return change.adds()
        ? calls.call(
            QuorumAdminServiceGrpc.getAddControllerMethod(),
            AddControllerRequest.newBuilder()
                .setNodeId(change.nodeId())
                .setDryRun(change.dryRun())
                .build(),
            timeoutMs,
            response -> WireValues.controllers(response.getVotersList()))
        : calls.call(
            QuorumAdminServiceGrpc.getRemoveControllerMethod(),
            RemoveControllerRequest.newBuilder()
                .setNodeId(change.nodeId())
                .setDryRun(change.dryRun())
                .build(),
            timeoutMs,
            response -> WireValues.controllers(response.getVotersList()));
  }

  @Override
  public CompletableFuture<LeaderAnswer<DeletedRecords>> deleteRecords(
      RecordDeletion deletion, long timeoutMs) {
    return calls.call(
        TopicAdminServiceGrpc.getDeleteRecordsMethod(),
        WireValues.deletion(deletion),
        timeoutMs,
        WireValues::deleted);
  }
}
