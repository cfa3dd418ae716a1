package io.highwater.replication.grpc;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
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
import io.highwater.proto.internal.v1.ReplicateFrameKind;
import io.highwater.proto.internal.v1.ReplicateRequest;
import io.highwater.proto.internal.v1.ReplicateResponse;
import io.highwater.proto.record.BatchHeader;
import io.highwater.proto.record.BatchLayout;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.transport.Follow;
import io.highwater.replication.transport.FollowerAck;
import io.highwater.replication.transport.FollowerLink;
import io.highwater.replication.transport.FollowerLinkAcceptor;
import io.highwater.replication.transport.FollowerLinkListener;
import io.highwater.replication.transport.HashAnswer;
import io.highwater.replication.transport.HashQuestion;
import io.highwater.replication.transport.Hello;
import io.highwater.replication.transport.PushFrame;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * A leader's end of one stream. On the owner loop, but for what gRPC calls, which only hands over.
 */
final class GrpcFollowerLink implements FollowerLink, StreamObserver<ReplicateRequest> {
  private final OwnerLoop loop;
  private final ServerCallStreamObserver<RecordsFrame<ReplicateResponse>> responses;
  private final FollowerLinkAcceptor acceptor;
  private final MessageAllowance allowance;
  private FollowerLinkListener listener;
  private boolean closed;

  GrpcFollowerLink(
      OwnerLoop loop,
      ServerCallStreamObserver<RecordsFrame<ReplicateResponse>> responses,
      FollowerLinkAcceptor acceptor) {
    this.loop = loop;
    this.responses = responses;
    this.acceptor = acceptor;
    this.allowance = new MessageAllowance(responses::request);
  }

  void start() {
    // With a handler set, sending on a cancelled stream drops the frame instead of throwing.
    responses.setOnCancelHandler(() -> loop.execute(() -> end("the connection broke")));
    responses.disableAutoRequest();
    // Followers send little, and all of it matters: the stream as such is never paused.
    allowance.open();
  }

  @Override
  public void accept(long brokerEpoch) {
    send(frame(ReplicateFrameKind.REPLICATE_FRAME_KIND_HELLO).setBrokerEpoch(brokerEpoch));
  }

  @Override
  public void push(PushFrame frame, Consumer<ByteBuffer> release) {
    ByteBuffer records = frame.records();
    if (closed) {
      release.accept(records);
      return;
    }
    ReplicateResponse head =
        frame(ReplicateFrameKind.REPLICATE_FRAME_KIND_PUSH, frame.partition(), frame.leaderEpoch())
            .setPreviousEndOffset(frame.previousEndOffset())
            .setHighWatermark(frame.highWatermark())
            .setLastStableOffset(frame.lastStableOffset())
            .setLogStartOffset(frame.logStartOffset())
            .setContent(withHorizon(frame.tombstoneHorizon()))
            .setRecencyRound(frame.recencyRound())
            .build();
    responses.onNext(RecordsFrame.of(head, records, () -> release.accept(records)));
  }

  @Override
  public void diverged(TopicIdPartition partition, int leaderEpoch, int epoch, long endOffset) {
    send(
        frame(ReplicateFrameKind.REPLICATE_FRAME_KIND_DIVERGED, partition, leaderEpoch)
            .setEpochEndEpoch(epoch)
            .setEpochEndOffset(endOffset));
  }

  @Override
  public void reset(
      TopicIdPartition partition, int leaderEpoch, long logStartOffset, long tombstoneHorizon) {
    send(
        frame(ReplicateFrameKind.REPLICATE_FRAME_KIND_RESET, partition, leaderEpoch)
            .setLogStartOffset(logStartOffset)
            .setContent(withHorizon(tombstoneHorizon)));
  }

  /** Most logs have none: nothing is made for them. */
  private static LogContent withHorizon(long tombstoneHorizon) {
    return tombstoneHorizon == 0
        ? LogContent.getDefaultInstance()
        : LogContent.newBuilder().setTombstoneHorizon(tombstoneHorizon).build();
  }

  @Override
  public void differs(TopicIdPartition partition, int leaderEpoch, long endOffset, String text) {
    send(
        frame(ReplicateFrameKind.REPLICATE_FRAME_KIND_DIFFERS, partition, leaderEpoch)
            .setContent(LogContent.newBuilder().setDiffersEndOffset(endOffset).setText(text)));
  }

  @Override
  public void askHash(HashQuestion question) {
    send(
        frame(
                ReplicateFrameKind.REPLICATE_FRAME_KIND_HASH,
                question.partition(),
                question.leaderEpoch())
            .setContent(
                LogContent.newBuilder()
                    .setHashId(question.id())
                    .setHashFromOffset(question.fromOffset())
                    .setHashEndOffset(question.endOffset())
                    .setHashBytes(question.bytes())));
  }

  @Override
  public void refuse(TopicIdPartition partition, int leaderEpoch, ErrorCode error) {
    send(
        frame(ReplicateFrameKind.REPLICATE_FRAME_KIND_REFUSED, partition, leaderEpoch)
            .setErrorValue(error.wire()));
  }

  @Override
  public void close(ErrorCode error, String text) {
    if (!closed) {
      closed = true;
      responses.onError(StatusMapper.toException(new HighwaterException(error, text)));
    }
  }

  @Override
  public void onNext(ReplicateRequest request) {
    loop.execute(() -> receive(request));
  }

  @Override
  public void onError(Throwable failure) {
    loop.execute(() -> end(Status.fromThrowable(failure).toString()));
  }

  @Override
  public void onCompleted() {
    loop.execute(
        () -> {
          if (!closed) {
            responses.onCompleted();
            end("the follower closed the stream");
          }
        });
  }

  private void receive(ReplicateRequest request) {
    allowance.received();
    if (closed) {
      return;
    }
    try {
      if (listener == null) {
        listener = acceptor.accept(this, hello(request));
      } else {
        dispatch(request);
      }
    } catch (MalformedFrameException e) {
      responses.onError(StatusMapper.toException(e.error()));
      end(e.getMessage());
    }
  }

  private void dispatch(ReplicateRequest request) throws MalformedFrameException {
    switch (request.getFrameCase()) {
      case FOLLOW -> {
        var follow = request.getFollow();
        listener.onFollow(
            new Follow(
                MalformedFrameException.partition(follow.getTopicId(), follow.getPartition()),
                follow.getLeaderEpoch(),
                follow.getLogEndOffset(),
                follow.getLastEpoch(),
                follow.getFlushedOffset(),
                follow.getTombstoneHorizon(),
                lastBatch(follow.getLastBatchHeader()),
                follow.getLacksSpace()));
      }
      case UNFOLLOW -> {
        var unfollow = request.getUnfollow();
        listener.onUnfollow(
            MalformedFrameException.partition(unfollow.getTopicId(), unfollow.getPartition()));
      }
      case ACK -> {
        var ack = request.getAck();
        listener.onAck(
            new FollowerAck(
                MalformedFrameException.partition(ack.getTopicId(), ack.getPartition()),
                ack.getLeaderEpoch(),
                ack.getLogEndOffset(),
                ack.getFlushedOffset(),
                ack.getRecencyRound(),
                ack.getLacksSpace()));
      }
      case HASH -> {
        FollowerHash hash = request.getHash();
        listener.onHash(new HashAnswer(hash.getId(), hash.getSha256(), hash.getProblem()));
      }
      case CREDIT_BYTES -> listener.onCredit(request.getCreditBytes());
      case HELLO -> throw new MalformedFrameException("a second hello");
      case FRAME_NOT_SET -> throw new MalformedFrameException("a frame of no known kind");
    }
  }

  /** Not every follower shows its last batch. */
  private static BatchHeader lastBatch(ByteString header) throws MalformedFrameException {
    if (header.isEmpty()) {
      return null;
    }
    if (header.size() != BatchLayout.HEADER_BYTES) {
      throw new MalformedFrameException("a batch header of " + header.size() + " bytes");
    }
    return BatchHeader.of(header.toByteArray());
  }

  private static Hello hello(ReplicateRequest request) throws MalformedFrameException {
    if (!request.hasHello()) {
      throw new MalformedFrameException(request.getFrameCase() + " before the hello");
    }
    FollowerHello hello = request.getHello();
    return new Hello(
        hello.getClusterId(),
        hello.getBrokerId(),
        hello.getBrokerEpoch(),
        hello.getIncarnation(),
        hello.getLeaderBrokerId(),
        hello.getAnswersHash());
  }

  private void send(ReplicateResponse.Builder frame) {
    if (!closed) {
      responses.onNext(RecordsFrame.of(frame.build()));
    }
  }

  private static ReplicateResponse.Builder frame(
      ReplicateFrameKind kind, TopicIdPartition partition, int leaderEpoch) {
    return frame(kind)
        .setTopicId(TopicIds.toBytes(partition.topicId()))
        .setPartition(partition.partition())
        .setLeaderEpoch(leaderEpoch);
  }

  private static ReplicateResponse.Builder frame(ReplicateFrameKind kind) {
    return ReplicateResponse.newBuilder().setKind(kind);
  }

  private void end(String text) {
    if (!closed) {
      closed = true;
      if (listener != null) {
        listener.onClosed(text);
      }
    }
  }
}
