package io.highwater.client.grpc;

import io.highwater.client.DrainProgress;
import io.highwater.client.LeaderAnswer;
import io.highwater.client.PartitionOutcome;
import io.highwater.client.ReplicaLag;
import io.highwater.client.ReplicaMove;
import io.highwater.client.TopicAlteration;
import io.highwater.client.VerifiedRange;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.v1.AcknowledgeLossesRequest;
import io.highwater.proto.v1.AlterTopicConfigsRequest;
import io.highwater.proto.v1.DescribeReplicasRequest;
import io.highwater.proto.v1.DescribeReplicasResponse;
import io.highwater.proto.v1.DrainBrokerResponse;
import io.highwater.proto.v1.ElectLeadersRequest;
import io.highwater.proto.v1.ElectionType;
import io.highwater.proto.v1.Move;
import io.highwater.proto.v1.PartitionName;
import io.highwater.proto.v1.ReassignPartitionsRequest;
import io.highwater.proto.v1.ReplicaProgress;
import io.highwater.proto.v1.VerifyReplicasResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Messages of administration to the client's values and back. */
final class AdminValues {
  private AdminValues() {}

  static AlterTopicConfigsRequest alteration(TopicAlteration alteration, boolean dryRun) {
    return AlterTopicConfigsRequest.newBuilder()
        .setName(alteration.name())
        .putAllSet(alteration.set())
        .addAllDelete(alteration.delete())
        .setDryRun(dryRun)
        .build();
  }

  static ElectLeadersRequest election(boolean unclean, List<TopicPartition> partitions) {
    return ElectLeadersRequest.newBuilder()
        .setType(
            unclean ? ElectionType.ELECTION_TYPE_UNCLEAN : ElectionType.ELECTION_TYPE_PREFERRED)
        .addAllPartitions(partitions.stream().map(AdminValues::name).toList())
        .build();
  }

  static AcknowledgeLossesRequest acknowledgement(List<TopicPartition> partitions, boolean dryRun) {
    return AcknowledgeLossesRequest.newBuilder()
        .addAllPartitions(partitions.stream().map(AdminValues::name).toList())
        .setDryRun(dryRun)
        .build();
  }

  static ReassignPartitionsRequest reassignment(
      List<ReplicaMove> moves, boolean cancel, boolean dryRun) {
    return ReassignPartitionsRequest.newBuilder()
        .addAllMoves(
            moves.stream()
                .map(
                    move ->
                        Move.newBuilder()
                            .setPartition(name(move.partition()))
                            .addAllTo(move.to())
                            .build())
                .toList())
        .setCancel(cancel)
        .setDryRun(dryRun)
        .build();
  }

  static List<ReplicaMove> moves(List<Move> moves) {
    return moves.stream()
        .map(
            move ->
                new ReplicaMove(
                    partition(move.getPartition()), move.getFromList(), move.getToList()))
        .toList();
  }

  static DrainProgress drained(DrainBrokerResponse response) {
    return new DrainProgress(
        moves(response.getMovesList()),
        response.getStuckList().stream().map(AdminValues::partition).toList());
  }

  static DescribeReplicasRequest replicas(TopicPartition partition, int leaderEpoch) {
    return DescribeReplicasRequest.newBuilder()
        .setPartition(name(partition))
        .setCurrentLeaderEpoch(leaderEpoch)
        .build();
  }

  static LeaderAnswer<List<ReplicaLag>> lags(DescribeReplicasResponse response) {
    ErrorCode error = ErrorCode.of(response.getErrorValue());
    return new LeaderAnswer<>(
        error,
        response.getErrorMessage(),
        error == ErrorCode.NONE
            ? response.getReplicasList().stream().map(lag -> lag(lag, response)).toList()
            : null,
        WireValues.hint(response.hasLeader(), response.getLeader()));
  }

  private static ReplicaLag lag(ReplicaProgress lag, DescribeReplicasResponse log) {
    long held = Math.max(lag.getLogEndOffset(), log.getLogStartOffset());
    return new ReplicaLag(
        lag.getNodeId(),
        lag.getLogEndOffset(),
        lag.getInSync(),
        log.getLogEndOffset() - held,
        lag.getMissingBytes(),
        lag.getPaused());
  }

  static LeaderAnswer<VerifiedRange> verified(VerifyReplicasResponse response) {
    ErrorCode error = ErrorCode.of(response.getErrorValue());
    Map<Integer, String> contents = new HashMap<>();
    response.getContentsList().forEach(held -> contents.put(held.getNodeId(), held.getSha256()));
    Map<Integer, String> silent = new HashMap<>();
    response.getSilentList().forEach(one -> silent.put(one.getNodeId(), one.getReason()));
    return new LeaderAnswer<>(
        error,
        response.getErrorMessage(),
        error == ErrorCode.NONE
            ? new VerifiedRange(
                response.getFromOffset(),
                response.getEndOffset(),
                response.getHighWatermark(),
                response.getBytes(),
                !response.getNotComparable(),
                contents,
                silent,
                response.getYieldingList())
            : null,
        WireValues.hint(response.hasLeader(), response.getLeader()));
  }

  static PartitionName name(TopicPartition partition) {
    return PartitionName.newBuilder()
        .setTopic(partition.topic())
        .setPartition(partition.partition())
        .build();
  }

  static TopicPartition partition(PartitionName name) {
    return new TopicPartition(name.getTopic(), name.getPartition());
  }

  static List<PartitionOutcome> outcomes(List<io.highwater.proto.v1.PartitionOutcome> outcomes) {
    return outcomes.stream()
        .map(
            outcome ->
                new PartitionOutcome(
                    partition(outcome.getPartition()),
                    ErrorCode.of(outcome.getErrorValue()),
                    outcome.getErrorMessage(),
                    outcome.getLeaderId(),
                    outcome.getLeaderEpoch()))
        .toList();
  }
}
