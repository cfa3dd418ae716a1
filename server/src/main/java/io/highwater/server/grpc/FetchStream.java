package io.highwater.server.grpc;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.grpc.RecordsFrame;
import io.highwater.proto.grpc.TopicIds;
import io.highwater.proto.v1.FetchFrameKind;
import io.highwater.proto.v1.FetchPosition;
import io.highwater.proto.v1.FetchStreamRequest;
import io.highwater.proto.v1.FetchStreamResponse;
import io.highwater.proto.v1.GapCause;
import io.highwater.replication.LogStatus;
import io.highwater.replication.LostRecords;
import io.highwater.server.fetch.FetchSession;
import io.highwater.server.fetch.FetchSink;
import io.highwater.server.fetch.PartitionReader;
import io.highwater.server.partition.LeaderHint;
import io.highwater.server.partition.TopicCatalog;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * One client's fetch stream: turns its wishes into calls of the session, and the session's frames
 * into messages, within the client's credit of bytes. On the owner loop.
 */
final class FetchStream implements StreamObserver<FetchStreamRequest>, FetchSink {
  private final TopicCatalog catalog;
  private final PartitionReader reader;
  private final ServerCallStreamObserver<RecordsFrame<FetchStreamResponse>> client;
  private FetchSession session;
  private long creditBytes;
  private long sentBytes;
  private boolean over;

  FetchStream(
      TopicCatalog catalog,
      PartitionReader reader,
      ServerCallStreamObserver<RecordsFrame<FetchStreamResponse>> client) {
    this.catalog = catalog;
    this.reader = reader;
    this.client = client;
  }

  /** Begins; the session sends to this stream. */
  void begin(FetchSession own) {
    session = own;
    client.setOnReadyHandler(own::resume);
    client.setOnCancelHandler(this::end);
  }

  @Override
  public void onNext(FetchStreamRequest request) {
    if (over) {
      return;
    }
    switch (request.getFrameCase()) {
      case POSITION -> position(request.getPosition());
      case STOP ->
          withId(
              request.getStop().getTopicId(),
              "",
              request.getStop().getPartition(),
              0,
              session::stop);
      case CREDIT -> {
        creditBytes = Math.max(creditBytes, request.getCredit().getBytes());
        session.resume();
      }
      case FRAME_NOT_SET -> {
        // A frame of a newer client: what is not understood is passed over.
      }
    }
  }

  private void position(FetchPosition position) {
    withId(
        position.getTopicId(),
        position.getTopic(),
        position.getPartition(),
        position.getFetchOffset(),
        id -> session.position(FetchMessages.start(id, position)));
  }

  private void withId(
      ByteString topicId,
      String topic,
      int partition,
      long offset,
      Consumer<TopicIdPartition> action) {
    UUID id = null;
    try {
      id = Messages.topicId(topicId);
      action.accept(catalog.partition(id, topic, partition));
    } catch (HighwaterException e) {
      // Told under the name the client gave, which may be no topic's.
      UUID told = id == null ? new UUID(0, 0) : id;
      ended(new TopicIdPartition(told, partition), e.code(), e.getMessage(), offset, null);
    }
  }

  @Override
  public void onError(Throwable failure) {
    end();
  }

  @Override
  public void onCompleted() {
    if (!over) {
      end();
      client.onCompleted();
    }
  }

  private void end() {
    over = true;
    session.close();
  }

  @Override
  public boolean takesRecords() {
    return takesSignals() && sentBytes < creditBytes;
  }

  @Override
  public boolean takesSignals() {
    return !over && client.isReady();
  }

  @Override
  public void records(
      TopicIdPartition id, long wantedOffset, ByteBuffer records, LogStatus status) {
    sentBytes += records.remaining();
    client.onNext(
        RecordsFrame.of(
            head(FetchFrameKind.FETCH_FRAME_KIND_BATCH, id, status).build(),
            records,
            () -> reader.release(records)));
  }

  @Override
  public void watermark(TopicIdPartition id, LogStatus status) {
    send(head(FetchFrameKind.FETCH_FRAME_KIND_WATERMARK, id, status));
  }

  @Override
  public void caughtUp(TopicIdPartition id, LogStatus status) {
    send(head(FetchFrameKind.FETCH_FRAME_KIND_CAUGHT_UP, id, status));
  }

  @Override
  public void gap(TopicIdPartition id, long fromOffset, LogStatus status) {
    send(
        head(FetchFrameKind.FETCH_FRAME_KIND_GAP, id, status)
            .setGapFrom(fromOffset)
            .setGapCause(GapCause.GAP_CAUSE_DELETED));
  }

  @Override
  public void lost(TopicIdPartition id, LostRecords lost, LogStatus status) {
    send(
        head(FetchFrameKind.FETCH_FRAME_KIND_GAP, id, status)
            .setGapFrom(lost.fromOffset())
            .setGapCause(GapCause.GAP_CAUSE_LOST)
            .setErrorMessage(lost.text())
            .setLost(FetchMessages.lost(lost)));
  }

  @Override
  public void ended(
      TopicIdPartition id, ErrorCode error, String text, long nextOffset, LeaderHint leader) {
    if (over) {
      return;
    }
    FetchStreamResponse.Builder frame =
        FetchStreamResponse.newBuilder()
            .setKind(FetchFrameKind.FETCH_FRAME_KIND_ERROR)
            .setTopicId(TopicIds.toBytes(id.topicId()))
            .setPartition(id.partition())
            .setError(Messages.error(error))
            .setErrorMessage(text);
    send(leader == null ? frame : frame.setLeader(Messages.leader(leader)));
  }

  private static FetchStreamResponse.Builder head(
      FetchFrameKind kind, TopicIdPartition id, LogStatus status) {
    return FetchStreamResponse.newBuilder()
        .setKind(kind)
        .setTopicId(TopicIds.toBytes(id.topicId()))
        .setPartition(id.partition())
        .setStatus(Messages.status(status));
  }

  private void send(FetchStreamResponse.Builder frame) {
    client.onNext(RecordsFrame.of(frame.build()));
  }
}
