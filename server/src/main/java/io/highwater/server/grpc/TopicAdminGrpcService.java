package io.highwater.server.grpc;

import io.grpc.stub.StreamObserver;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.grpc.TopicIds;
import io.highwater.proto.v1.CreateTopicRequest;
import io.highwater.proto.v1.CreateTopicResponse;
import io.highwater.proto.v1.DeleteTopicRequest;
import io.highwater.proto.v1.DeleteTopicResponse;
import io.highwater.proto.v1.TopicAdminServiceGrpc;
import io.highwater.server.metadata.TopicAdmin;

/** Creates and deletes topics for clients of any broker. */
public final class TopicAdminGrpcService extends TopicAdminServiceGrpc.TopicAdminServiceImplBase {
  private final TopicAdmin admin;

  /** Serves with this administration. */
  public TopicAdminGrpcService(TopicAdmin admin) {
    this.admin = admin;
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
  public void deleteTopic(DeleteTopicRequest request, StreamObserver<DeleteTopicResponse> call) {
    Replies.reply(
        admin.delete(request.getName()),
        id -> DeleteTopicResponse.newBuilder().setTopicId(TopicIds.toBytes(id)).build(),
        call);
  }
}
