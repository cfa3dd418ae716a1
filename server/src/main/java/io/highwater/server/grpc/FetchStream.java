package io.highwater.server.grpc;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.grpc.RecordsFrame;
import io.highwater.proto.grpc.StatusMapper;
import io.highwater.proto.grpc.TopicIds;
import io.highwater.proto.v1.Credit;
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
import io.highwater.server.fetch.ReaderMemory;
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
  private final Outbox outbox;
  private FetchSession session;
  private long creditBytes;
  private long sentBytes;

  /** Room that reads under way have, of the credit, too. */
  private long reservedBytes;

  /** What the next batch takes of the credit, once it is known not to fit. */
  private long neededBytes = 1;

  private boolean reading;
  private boolean over;

  FetchStream(
      TopicCatalog catalog,
      PartitionReader reader,
      ReaderMemory.Call call,
      ServerCallStreamObserver<RecordsFrame<FetchStreamResponse>> client) {
    this.catalog = catalog;
    this.reader = reader;
    this.client = client;
    this.outbox = new Outbox(client, call, this::resume);
    client.disableAutoRequest();
  }

  /** Begins; the session sends to this stream. */
  void begin(FetchSession own) {
    session = own;
    client.setOnCancelHandler(this::end);
  }

  private void resume() {
    session.resume();
    readOn();
  }

  @Override
  public void onNext(FetchStreamRequest request) {
    reading = false;
    if (over) {
      return;
    }
    try {
      take(request);
    } catch (HighwaterException e) {
      fail(e);
    }
    readOn();
  }

  /** A wish may be refused by a frame, so a client that reads none is not read from, either. */
  private void readOn() {
    if (!over && !reading && outbox.takesSignals()) {
      reading = true;
      client.request(1);
    }
  }

  private void fail(HighwaterException failure) {
    if (!over) {
      end();
      client.onError(StatusMapper.toException(failure));
    }
  }

  private void take(FetchStreamRequest request) {
    switch (request.getFrameCase()) {
      case POSITION -> position(request.getPosition());
      case STOP ->
          withId(
              request.getStop().getTopicId(),
              "",
              request.getStop().getPartition(),
              0,
              session::stop);
      case CREDIT -> grant(request.getCredit());
      case FRAME_NOT_SET -> {
        // A frame of a newer client: what is not understood is passed over.
      }
    }
  }

  private void grant(Credit credit) {
    if (credit.getBytes() < 0 || credit.getRecords() != 0) {
      throw new HighwaterException(
          ErrorCode.INVALID_REQUEST,
          "a fetch stream's credit is a number of bytes from 0 on, not bytes "
              + credit.getBytes()
              + ", records "
              + credit.getRecords());
    }
    if (credit.getBytes() > creditBytes) {
      creditBytes = credit.getBytes();
      neededBytes = 1;
      session.resume();
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
    if (partition < 0) {
      throw new HighwaterException(
          ErrorCode.INVALID_REQUEST, "partition " + partition + " is negative");
    }
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
    closeOutbox();
  }

  /** Reads under way keep their memory until they return. */
  private void closeOutbox() {
    if (over && reservedBytes == 0) {
      outbox.close();
    }
  }

  @Override
  public boolean takesRecords() {
    return !over && outbox.takesRecords() && creditLeft() >= neededBytes;
  }

  private long creditLeft() {
    return creditBytes - sentBytes - reservedBytes;
  }

  @Override
  public int reserve(TopicIdPartition id, long nextOffset, int leastBytes, int mostBytes) {
    if (leastBytes > creditLeft()) {
      needCredit(id, leastBytes);
      return 0;
    }
    int reserved = outbox.reserve(leastBytes, (int) Math.min(mostBytes, creditLeft()));
    reservedBytes += reserved;
    return reserved;
  }

  private void needCredit(TopicIdPartition id, int leastBytes) {
    neededBytes = leastBytes;
    // What reads under way give back may do.
    if (reservedBytes == 0) {
      send(
          FetchStreamResponse.newBuilder()
              .setKind(FetchFrameKind.FETCH_FRAME_KIND_CREDIT_NEEDED)
              .setTopicId(TopicIds.toBytes(id.topicId()))
              .setPartition(id.partition())
              .setCreditNeeded(sentBytes + leastBytes));
    }
  }

  @Override
  public void unreserve(int bytes) {
    reservedBytes -= bytes;
    outbox.unreserve(bytes);
    closeOutbox();
  }

  @Override
  public boolean takesSignals() {
    return !over && outbox.isEmpty();
  }

  @Override
  public boolean takesCaughtUp() {
    return !over && outbox.takesSignals();
  }

  @Override
  public void records(
      TopicIdPartition id, long wantedOffset, ByteBuffer records, LogStatus status) {
    int bytes = records.remaining();
    sentBytes += bytes;
    reservedBytes -= bytes;
    outbox.sending(bytes);
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
    outbox.signalling();
    client.onNext(RecordsFrame.of(frame.build()));
  }
}
