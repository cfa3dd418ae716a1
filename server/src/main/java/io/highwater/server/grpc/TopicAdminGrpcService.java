package io.highwater.server.grpc;

import io.grpc.stub.StreamObserver;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.proto.grpc.TopicIds;
import io.highwater.proto.v1.AddPartitionsRequest;
import io.highwater.proto.v1.AddPartitionsResponse;
import io.highwater.proto.v1.AlterTopicConfigsRequest;
import io.highwater.proto.v1.AlterTopicConfigsResponse;
import io.highwater.proto.v1.CreateTopicRequest;
import io.highwater.proto.v1.CreateTopicResponse;
import io.highwater.proto.v1.DeleteRecordsRequest;
import io.highwater.proto.v1.DeleteRecordsResponse;
import io.highwater.proto.v1.DeleteTopicRequest;
import io.highwater.proto.v1.DeleteTopicResponse;
import io.highwater.proto.v1.TopicAdminServiceGrpc;
import io.highwater.server.metadata.TopicAdmin;
import io.highwater.server.partition.PartitionException;
import io.highwater.server.partition.RecordDeleter;
import io.highwater.server.partition.TopicCatalog;
import java.util.concurrent.CompletableFuture;

/** Creates, changes and deletes topics for clients of any broker. */
public final class TopicAdminGrpcService extends TopicAdminServiceGrpc.TopicAdminServiceImplBase {
  private final TopicAdmin admin;
  private final TopicCatalog catalog;
  private final RecordDeleter records;

  /** Serves with this administration. */
  public TopicAdminGrpcService(TopicAdmin admin, TopicCatalog catalog, RecordDeleter records) {
    this.admin = admin;
    this.catalog = catalog;
    this.records = records;
  }

  @Override
  public void createTopic(CreateTopicRequest request, StreamObserver<CreateTopicResponse> call) {
    if (request.getPartitions() < 0) {
      Replies.fail(
          new HighwaterException(
              ErrorCode.INVALID_PARTITIONS, request.getPartitions() + " partitions"),
          call);
      return;
    }
    if (request.getReplicationFactor() < 0) {
      Replies.fail(
          new HighwaterException(
              ErrorCode.INVALID_REPLICATION_FACTOR,
              "replication factor " + request.getReplicationFactor()),
          call);
      return;
    }
    Replies.reply(
        admin.create(
            request.getName(),
            request.getPartitions(),
            request.getReplicationFactor(),
            request.getConfigsMap()),
        topic -> CreateTopicResponse.newBuilder().setTopic(ClusterMessages.topic(topic)).build(),
        call);
  }

  @Override
  public void alterTopicConfigs(
      AlterTopicConfigsRequest request, StreamObserver<AlterTopicConfigsResponse> call) {
    Replies.reply(
        admin.alter(
            request.getName(), request.getSetMap(), request.getDeleteList(), request.getDryRun()),
        topic ->
            AlterTopicConfigsResponse.newBuilder().setTopic(ClusterMessages.topic(topic)).build(),
        call);
  }

  @Override
  public void addPartitions(
      AddPartitionsRequest request, StreamObserver<AddPartitionsResponse> call) {
    Replies.reply(
        admin.addPartitions(request.getName(), request.getPartitions(), request.getDryRun()),
        growth ->
            AddPartitionsResponse.newBuilder().setTopic(ClusterMessages.topic(growth)).build(),
        call);
  }

  @Override
  public void deleteTopic(DeleteTopicRequest request, StreamObserver<DeleteTopicResponse> call) {
    Replies.reply(
        admin.delete(request.getName()),
        id -> DeleteTopicResponse.newBuilder().setTopicId(TopicIds.toBytes(id)).build(),
        call);
  }

  @Override
  public void deleteRecords(
      DeleteRecordsRequest request, StreamObserver<DeleteRecordsResponse> call) {
    Replies.reply(
        delete(request)
            .handle(
                (outcome, failure) ->
                    failure == null ? answer(outcome) : refusal(Replies.asNamed(failure))),
        answer -> answer,
        call);
  }

  private CompletableFuture<RecordDeleter.Outcome> delete(DeleteRecordsRequest request) {
    try {
      return records.delete(
          catalog.partition(
              Messages.topicId(request.getTopicId()), request.getTopic(), request.getPartition()),
          request.getCurrentLeaderEpoch(),
          request.getBeforeOffset(),
          request.getDryRun());
    } catch (HighwaterException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static DeleteRecordsResponse answer(RecordDeleter.Outcome outcome) {
    return DeleteRecordsResponse.newBuilder()
        .setPreviousLogStartOffset(outcome.deletion().previousLogStart())
        .setLogStartOffset(outcome.deletion().logStart())
        .setOutcome(Messages.outcome(Outcome.DONE))
        .setSegments(outcome.deletion().freed().segments())
        .setBytes(outcome.deletion().freed().bytes())
        .setStatus(Messages.status(outcome.status()))
        .build();
  }

  private static DeleteRecordsResponse refusal(HighwaterException failure) {
    DeleteRecordsResponse.Builder answer =
        DeleteRecordsResponse.newBuilder()
            .setError(Messages.error(failure.code()))
            .setOutcome(Messages.outcome(failure.outcome()))
            .setErrorMessage(failure.getMessage());
    if (failure instanceof PartitionException redirect) {
      redirect.leader().ifPresent(leader -> answer.setLeader(Messages.leader(leader)));
    }
    return answer.build();
  }
}
