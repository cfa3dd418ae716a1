package io.highwater.server.grpc;

import io.grpc.stub.StreamObserver;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.v1.AcknowledgeLossesRequest;
import io.highwater.proto.v1.AcknowledgeLossesResponse;
import io.highwater.proto.v1.ClusterAdminServiceGrpc;
import io.highwater.proto.v1.DescribeReplicasRequest;
import io.highwater.proto.v1.DescribeReplicasResponse;
import io.highwater.proto.v1.DrainBrokerRequest;
import io.highwater.proto.v1.DrainBrokerResponse;
import io.highwater.proto.v1.ElectLeadersRequest;
import io.highwater.proto.v1.ElectLeadersResponse;
import io.highwater.proto.v1.ElectionType;
import io.highwater.proto.v1.Move;
import io.highwater.proto.v1.PartitionName;
import io.highwater.proto.v1.PartitionOutcome;
import io.highwater.proto.v1.ReassignPartitionsRequest;
import io.highwater.proto.v1.ReassignPartitionsResponse;
import io.highwater.proto.v1.RebalanceClusterRequest;
import io.highwater.proto.v1.RebalanceClusterResponse;
import io.highwater.proto.v1.ReplicaProgress;
import io.highwater.proto.v1.UnregisterBrokerRequest;
import io.highwater.proto.v1.UnregisterBrokerResponse;
import io.highwater.proto.v1.UpdateFeaturesRequest;
import io.highwater.proto.v1.UpdateFeaturesResponse;
import io.highwater.proto.v1.VerifyReplicasRequest;
import io.highwater.proto.v1.VerifyReplicasResponse;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.PlannedMove;
import io.highwater.replication.control.TopicImage;
import io.highwater.server.metadata.FeatureAdmin;
import io.highwater.server.metadata.PartitionAdmin;
import io.highwater.server.metadata.Rearrangement;
import io.highwater.server.metadata.Unregistration;
import io.highwater.server.partition.PartitionException;
import io.highwater.server.partition.ReplicaLags;
import io.highwater.server.partition.ReplicaVerification;
import io.highwater.server.partition.TopicCatalog;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Elects leaders and moves replicas for clients of any broker. */
public final class ClusterAdminGrpcService
    extends ClusterAdminServiceGrpc.ClusterAdminServiceImplBase {
  private final TopicCatalog catalog;
  private final PartitionAdmin partitions;
  private final Rearrangement rearrangement;
  private final Unregistration unregistration;
  private final FeatureAdmin features;
  private final ReplicaLags lags;
  private final ReplicaVerification verification;

  /** Serves with this administration. */
  public ClusterAdminGrpcService(
      TopicCatalog catalog,
      PartitionAdmin partitions,
      Rearrangement rearrangement,
      Unregistration unregistration,
      FeatureAdmin features,
      ReplicaLags lags,
      ReplicaVerification verification) {
    this.catalog = catalog;
    this.partitions = partitions;
    this.rearrangement = rearrangement;
    this.unregistration = unregistration;
    this.features = features;
    this.lags = lags;
    this.verification = verification;
  }

  @Override
  public void electLeaders(ElectLeadersRequest request, StreamObserver<ElectLeadersResponse> call) {
    Replies.reply(
        Replies.named(() -> elect(request.getType(), names(request.getPartitionsList()))),
        outcomes ->
            ElectLeadersResponse.newBuilder()
                .addAllOutcomes(outcomes.stream().map(this::outcome).toList())
                .build(),
        call);
  }

  private CompletableFuture<List<PartitionAdmin.Outcome>> elect(
      ElectionType type, List<TopicPartition> names) {
    return switch (type) {
      case ELECTION_TYPE_PREFERRED -> partitions.electPreferred(names);
      case ELECTION_TYPE_UNCLEAN -> partitions.electUnclean(names);
      case ELECTION_TYPE_UNSPECIFIED, UNRECOGNIZED ->
          throw new HighwaterException(
              ErrorCode.INVALID_REQUEST, "an election has a type, preferred or unclean");
    };
  }

  @Override
  public void acknowledgeLosses(
      AcknowledgeLossesRequest request, StreamObserver<AcknowledgeLossesResponse> call) {
    Replies.reply(
        Replies.named(
            () ->
                partitions.acknowledgeLosses(
                    names(request.getPartitionsList()), request.getDryRun())),
        outcomes ->
            AcknowledgeLossesResponse.newBuilder()
                .addAllOutcomes(outcomes.stream().map(this::outcome).toList())
                .build(),
        call);
  }

  @Override
  public void reassignPartitions(
      ReassignPartitionsRequest request, StreamObserver<ReassignPartitionsResponse> call) {
    Replies.reply(
        Replies.named(() -> partitions.reassign(targets(request), request.getDryRun())),
        outcomes ->
            ReassignPartitionsResponse.newBuilder()
                .addAllOutcomes(outcomes.stream().map(this::outcome).toList())
                .build(),
        call);
  }

  private static Map<TopicPartition, List<Integer>> targets(ReassignPartitionsRequest request) {
    Map<TopicPartition, List<Integer>> targets = new LinkedHashMap<>();
    for (Move move : request.getMovesList()) {
      if (!request.getCancel() && move.getToCount() == 0) {
        throw new HighwaterException(
            ErrorCode.INVALID_REPLICA_ASSIGNMENT, "a partition needs at least one replica");
      }
      TopicPartition name = name(move.getPartition());
      requireOnce(!targets.containsKey(name), name);
      targets.put(name, request.getCancel() ? List.of() : move.getToList());
    }
    return targets;
  }

  @Override
  public void describeReplicas(
      DescribeReplicasRequest request, StreamObserver<DescribeReplicasResponse> call) {
    Replies.reply(
        Replies.named(
                () -> {
                  TopicPartition name = name(request.getPartition());
                  return lags.of(
                      catalog.partition(null, name.topic(), name.partition()),
                      request.getCurrentLeaderEpoch());
                })
            .handle(
                (found, failure) ->
                    failure == null ? answer(found) : refusal(Replies.asNamed(failure))),
        answer -> answer,
        call);
  }

  private static DescribeReplicasResponse answer(ReplicaLags.Lags lags) {
    DescribeReplicasResponse.Builder answer =
        DescribeReplicasResponse.newBuilder()
            .setLogStartOffset(lags.logStartOffset())
            .setLogEndOffset(lags.logEndOffset());
    for (ReplicaLags.Lag lag : lags.replicas()) {
      answer.addReplicas(
          ReplicaProgress.newBuilder()
              .setNodeId(lag.brokerId())
              .setLogEndOffset(lag.logEndOffset())
              .setInSync(lag.inSync())
              .setMissingBytes(lag.missingBytes())
              .setPaused(lag.paused()));
    }
    return answer.build();
  }

  private static DescribeReplicasResponse refusal(HighwaterException failure) {
    DescribeReplicasResponse.Builder answer =
        DescribeReplicasResponse.newBuilder()
            .setError(Messages.error(failure.code()))
            .setErrorMessage(failure.getMessage());
    if (failure instanceof PartitionException redirect) {
      redirect.leader().ifPresent(leader -> answer.setLeader(Messages.leader(leader)));
    }
    return answer.build();
  }

  @Override
  public void verifyReplicas(
      VerifyReplicasRequest request, StreamObserver<VerifyReplicasResponse> call) {
    Replies.reply(
        Replies.named(
                () -> {
                  TopicPartition name = name(request.getPartition());
                  return verification.next(
                      catalog.partition(null, name.topic(), name.partition()),
                      request.getCurrentLeaderEpoch(),
                      request.getFromOffset(),
                      request.getRepair());
                })
            .handle(
                (range, failure) ->
                    failure == null
                        ? ClusterMessages.verified(range)
                        : unverified(Replies.asNamed(failure))),
        answer -> answer,
        call);
  }

  private static VerifyReplicasResponse unverified(HighwaterException failure) {
    VerifyReplicasResponse.Builder answer =
        VerifyReplicasResponse.newBuilder()
            .setError(Messages.error(failure.code()))
            .setErrorMessage(failure.getMessage());
    if (failure instanceof PartitionException redirect) {
      redirect.leader().ifPresent(leader -> answer.setLeader(Messages.leader(leader)));
    }
    return answer.build();
  }

  @Override
  public void drainBroker(DrainBrokerRequest request, StreamObserver<DrainBrokerResponse> call) {
    int broker = request.getNodeId();
    Replies.reply(
        request.getUndo()
            ? rearrangement.undoDrain(broker)
            : rearrangement.drain(broker, request.getDryRun()),
        plan ->
            DrainBrokerResponse.newBuilder()
                .addAllMoves(moves(plan.moves()))
                .addAllStuck(plan.stuck().stream().map(this::wireName).toList())
                .build(),
        call);
  }

  @Override
  public void unregisterBroker(
      UnregisterBrokerRequest request, StreamObserver<UnregisterBrokerResponse> call) {
    Replies.reply(
        Replies.named(() -> unregistration.unregister(request.getNodeId())),
        done -> UnregisterBrokerResponse.getDefaultInstance(),
        call);
  }

  @Override
  public void updateFeatures(
      UpdateFeaturesRequest request, StreamObserver<UpdateFeaturesResponse> call) {
    Replies.reply(
        Replies.named(() -> features.update(request.getLevelsMap(), request.getDryRun())),
        updates ->
            UpdateFeaturesResponse.newBuilder()
                .addAllUpdates(updates.stream().map(ClusterMessages::update).toList())
                .build(),
        call);
  }

  @Override
  public void rebalanceCluster(
      RebalanceClusterRequest request, StreamObserver<RebalanceClusterResponse> call) {
    Replies.reply(
        rearrangement.rebalance(request.getDryRun()),
        moves -> RebalanceClusterResponse.newBuilder().addAllMoves(moves(moves)).build(),
        call);
  }

  private List<Move> moves(List<PlannedMove> moves) {
    return moves.stream()
        .map(
            move ->
                Move.newBuilder()
                    .setPartition(wireName(move.partition()))
                    .addAllFrom(move.from())
                    .addAllTo(move.to())
                    .build())
        .toList();
  }

  private PartitionName wireName(TopicIdPartition id) {
    TopicImage topic = catalog.image().topic(id.topicId());
    return PartitionName.newBuilder()
        .setTopic(topic == null ? id.topicId().toString() : topic.name())
        .setPartition(id.partition())
        .build();
  }

  private static List<TopicPartition> names(List<PartitionName> names) {
    List<TopicPartition> named = names.stream().map(ClusterAdminGrpcService::name).toList();
    Set<TopicPartition> once = new HashSet<>();
    named.forEach(name -> requireOnce(once.add(name), name));
    return named;
  }

  private static void requireOnce(boolean isFirst, TopicPartition name) {
    if (!isFirst) {
      throw new HighwaterException(ErrorCode.INVALID_REQUEST, name + " is named twice");
    }
  }

  private static TopicPartition name(PartitionName name) {
    if (name.getPartition() < 0) {
      throw new HighwaterException(
          ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
          "topic '" + name.getTopic() + "' has no partition " + name.getPartition());
    }
    return new TopicPartition(name.getTopic(), name.getPartition());
  }

  private PartitionOutcome outcome(PartitionAdmin.Outcome outcome) {
    TopicPartition name = outcome.partition();
    TopicImage topic = catalog.image().topic(name.topic());
    PartitionImage partition = topic == null ? null : topic.partition(name.partition());
    return PartitionOutcome.newBuilder()
        .setPartition(
            PartitionName.newBuilder().setTopic(name.topic()).setPartition(name.partition()))
        .setError(Messages.error(outcome.error()))
        .setOutcome(
            Messages.outcome(outcome.error() == ErrorCode.NONE ? Outcome.DONE : Outcome.REFUSED))
        .setErrorMessage(outcome.text())
        .setLeaderId(partition == null ? PartitionImage.NO_LEADER : partition.leader())
        .setLeaderEpoch(partition == null ? -1 : partition.leaderEpoch())
        .build();
  }
}
