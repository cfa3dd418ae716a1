package io.highwater.replication.grpc;

import com.google.protobuf.ByteString;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.grpc.MessageAllowance;
import io.highwater.proto.grpc.RecordsFrame;
import io.highwater.proto.grpc.StatusMapper;
import io.highwater.proto.grpc.TopicIds;
import io.highwater.proto.internal.v1.FollowerHash;
import io.highwater.proto.internal.v1.FollowerHello;
import io.highwater.proto.internal.v1.LogContent;
import io.highwater.proto.internal.v1.ReplicateRequest;
import io.highwater.proto.internal.v1.ReplicateResponse;
import io.highwater.proto.internal.v1.Unfollow;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.transport.Follow;
import io.highwater.replication.transport.FollowerAck;
import io.highwater.replication.transport.HashAnswer;
import io.highwater.replication.transport.HashQuestion;
import io.highwater.replication.transport.Hello;
import io.highwater.replication.transport.LeaderLink;
import io.highwater.replication.transport.LeaderLinkListener;
import io.highwater.replication.transport.PushFrame;

/**
 * A follower's end of one stream. On the owner loop, but for what gRPC calls, which only hands
 * over.
 */
final class GrpcLeaderLink extends ClientCall.Listener<RecordsFrame<ReplicateResponse>>
    implements LeaderLink {
  private final OwnerLoop loop;
  private final ManagedChannel channel;
  private final ClientCall<ReplicateRequest, RecordsFrame<ReplicateResponse>> call;
  private final LeaderLinkListener listener;
  private final MessageAllowance allowance;
  private boolean closed;

  GrpcLeaderLink(
      OwnerLoop loop,
      ManagedChannel channel,
      ClientCall<ReplicateRequest, RecordsFrame<ReplicateResponse>> call,
      LeaderLinkListener listener) {
    this.loop = loop;
    this.channel = channel;
    this.call = call;
    this.listener = listener;
    this.allowance = new MessageAllowance(call::request);
  }

  void start(Metadata headers, Hello hello) {
    call.start(this, headers);
    // What the leader may send is bounded by the credit; the stream as such is never paused.
    allowance.open();
    send(
        ReplicateRequest.newBuilder()
            .setHello(
                FollowerHello.newBuilder()
                    .setClusterId(hello.clusterId())
                    .setBrokerId(hello.brokerId())
                    .setBrokerEpoch(hello.brokerEpoch())
                    .setIncarnation(hello.incarnation())
                    .setLeaderBrokerId(hello.leaderBrokerId())
                    .setAnswersHash(hello.answersHash())));
  }

  @Override
  public void follow(Follow follow) {
    io.highwater.proto.internal.v1.Follow.Builder frame =
        io.highwater.proto.internal.v1.Follow.newBuilder()
            .setTopicId(TopicIds.toBytes(follow.partition().topicId()))
            .setPartition(follow.partition().partition())
            .setLeaderEpoch(follow.leaderEpoch())
            .setLogEndOffset(follow.logEndOffset())
            .setLastEpoch(follow.lastEpoch())
            .setFlushedOffset(follow.flushedOffset())
            .setTombstoneHorizon(follow.tombstoneHorizon())
            .setLacksSpace(follow.lacksSpace());
    if (follow.lastBatch() != null) {
      frame.setLastBatchHeader(ByteString.copyFrom(follow.lastBatch().toBytes()));
    }
    send(ReplicateRequest.newBuilder().setFollow(frame));
  }

  @Override
  public void unfollow(TopicIdPartition partition) {
    send(
        ReplicateRequest.newBuilder()
            .setUnfollow(
                Unfollow.newBuilder()
                    .setTopicId(TopicIds.toBytes(partition.topicId()))
                    .setPartition(partition.partition())));
  }

  @Override
  public void ack(FollowerAck ack) {
    send(
        ReplicateRequest.newBuilder()
            .setAck(
                io.highwater.proto.internal.v1.FollowerAck.newBuilder()
                    .setTopicId(TopicIds.toBytes(ack.partition().topicId()))
                    .setPartition(ack.partition().partition())
                    .setLeaderEpoch(ack.leaderEpoch())
                    .setLogEndOffset(ack.logEndOffset())
                    .setFlushedOffset(ack.flushedOffset())
                    .setRecencyRound(ack.recencyRound())
                    .setLacksSpace(ack.lacksSpace())));
  }

  @Override
  public void answerHash(HashAnswer answer) {
    send(
        ReplicateRequest.newBuilder()
            .setHash(
                FollowerHash.newBuilder()
                    .setId(answer.id())
                    .setSha256(answer.sha256())
                    .setProblem(answer.problem())));
  }

  @Override
  public void grant(long cumulativeBytes) {
    send(ReplicateRequest.newBuilder().setCreditBytes(cumulativeBytes));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      call.cancel("the follower closed the stream", null);
      channel.shutdownNow();
    }
  }

  @Override
  public void onMessage(RecordsFrame<ReplicateResponse> frame) {
    loop.execute(() -> receive(frame));
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    loop.execute(() -> end(StatusMapper.fromThrowable(status.asRuntimeException(trailers))));
  }

  private void send(ReplicateRequest.Builder request) {
    if (!closed) {
      call.sendMessage(request.build());
    }
  }

  private void receive(RecordsFrame<ReplicateResponse> frame) {
    allowance.received();
    try {
      if (!closed) {
        dispatch(frame);
      }
    } catch (MalformedFrameException e) {
      call.cancel(e.getMessage(), null);
      end(e.error());
    } finally {
      frame.release();
    }
  }

  private void dispatch(RecordsFrame<ReplicateResponse> frame) throws MalformedFrameException {
    ReplicateResponse head = frame.head();
    switch (head.getKind()) {
      case REPLICATE_FRAME_KIND_HELLO -> listener.onAccepted(head.getBrokerEpoch());
      case REPLICATE_FRAME_KIND_PUSH ->
          listener.onPush(
              new PushFrame(
                  partition(head),
                  head.getLeaderEpoch(),
                  head.getPreviousEndOffset(),
                  head.getHighWatermark(),
                  head.getLastStableOffset(),
                  head.getLogStartOffset(),
                  head.getContent().getTombstoneHorizon(),
                  head.getRecencyRound(),
                  frame.records()));
      case REPLICATE_FRAME_KIND_DIVERGED ->
          listener.onDiverged(
              partition(head),
              head.getLeaderEpoch(),
              head.getEpochEndEpoch(),
              head.getEpochEndOffset());
      case REPLICATE_FRAME_KIND_RESET ->
          listener.onReset(
              partition(head),
              head.getLeaderEpoch(),
              head.getLogStartOffset(),
              head.getContent().getTombstoneHorizon());
      case REPLICATE_FRAME_KIND_DIFFERS ->
          listener.onDiffers(
              partition(head),
              head.getLeaderEpoch(),
              head.getContent().getDiffersEndOffset(),
              head.getContent().getText());
      case REPLICATE_FRAME_KIND_HASH -> listener.onHashAsked(question(head));
      case REPLICATE_FRAME_KIND_REFUSED ->
          listener.onRefused(
              partition(head), head.getLeaderEpoch(), ErrorCode.of(head.getErrorValue()));
      case REPLICATE_FRAME_KIND_UNSPECIFIED, UNRECOGNIZED ->
          throw new MalformedFrameException("frame of kind " + head.getKindValue());
    }
  }

  private static HashQuestion question(ReplicateResponse head) throws MalformedFrameException {
    LogContent range = head.getContent();
    return new HashQuestion(
        range.getHashId(),
        partition(head),
        head.getLeaderEpoch(),
        range.getHashFromOffset(),
        range.getHashEndOffset(),
        range.getHashBytes());
  }

  private static TopicIdPartition partition(ReplicateResponse head) throws MalformedFrameException {
    return MalformedFrameException.partition(head.getTopicId(), head.getPartition());
  }

  private void end(HighwaterException reason) {
    if (!closed) {
      closed = true;
      channel.shutdownNow();
      listener.onClosed(reason.code(), reason.getMessage());
    }
  }
}
