package io.highwater.server.grpc;

import io.grpc.stub.StreamObserver;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.v1.ClusterAdminServiceGrpc;
import io.highwater.proto.v1.ElectLeadersRequest;
import io.highwater.proto.v1.ElectLeadersResponse;
import io.highwater.proto.v1.ElectionType;
import io.highwater.proto.v1.PartitionName;
import io.highwater.proto.v1.PartitionOutcome;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.TopicImage;
import io.highwater.server.metadata.PartitionAdmin;
import io.highwater.server.partition.TopicCatalog;
import java.util.List;

/** Elects leaders and moves replicas for clients of any broker. */
public final class ClusterAdminGrpcService
    extends ClusterAdminServiceGrpc.ClusterAdminServiceImplBase {
  private final TopicCatalog catalog;
  private final PartitionAdmin partitions;

  /** Serves with this administration. */
  public ClusterAdminGrpcService(TopicCatalog catalog, PartitionAdmin partitions) {
    this.catalog = catalog;
    this.partitions = partitions;
  }

  @Override
  public void electLeaders(ElectLeadersRequest request, StreamObserver<ElectLeadersResponse> call) {
    if (request.getType() != ElectionType.ELECTION_TYPE_PREFERRED) {
      Replies.fail(
          new HighwaterException(
              ErrorCode.INVALID_REQUEST,
              "elections by an operator are of type PREFERRED, not " + request.getType()),
          call);
      return;
    }
    Replies.reply(
        Replies.named(() -> partitions.electPreferred(names(request.getPartitionsList()))),
        outcomes ->
            ElectLeadersResponse.newBuilder()
                .addAllOutcomes(outcomes.stream().map(this::outcome).toList())
                .build(),
        call);
  }

  private static List<TopicPartition> names(List<PartitionName> names) {
    return names.stream().map(ClusterAdminGrpcService::name).toList();
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
        .setErrorMessage(outcome.text())
        .setLeaderId(partition == null ? PartitionImage.NO_LEADER : partition.leader())
        .setLeaderEpoch(partition == null ? -1 : partition.leaderEpoch())
        .build();
  }
}
