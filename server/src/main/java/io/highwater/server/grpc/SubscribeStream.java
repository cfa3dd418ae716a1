package io.highwater.server.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.highwater.log.PartitionLog;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.grpc.StatusMapper;
import io.highwater.proto.v1.GapCause;
import io.highwater.proto.v1.OffsetSpecOrOffset;
import io.highwater.proto.v1.SubscribeRequest;
import io.highwater.proto.v1.SubscribeResponse;
import io.highwater.proto.v1.SubscribeStart;
import io.highwater.proto.v1.SubscribedCaughtUp;
import io.highwater.proto.v1.SubscribedCreditNeeded;
import io.highwater.proto.v1.SubscribedGap;
import io.highwater.proto.v1.SubscribedRecord;
import io.highwater.proto.v1.SubscribedRecords;
import io.highwater.proto.v1.SubscribedRedirect;
import io.highwater.replication.LogStatus;
import io.highwater.replication.LostRecords;
import io.highwater.replication.ReaderPosition;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.TopicImage;
import io.highwater.server.fetch.FetchSession;
import io.highwater.server.fetch.FetchSink;
import io.highwater.server.fetch.FetchStart;
import io.highwater.server.fetch.OffsetLookup;
import io.highwater.server.partition.LeaderHint;
import io.highwater.server.partition.LedPartitions;
import io.highwater.server.partition.PartitionException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One client's subscription to a topic: turns requests into positions of a session, and what comes
 * of it into frames. On the owner loop.
 */
final class SubscribeStream
    implements StreamObserver<SubscribeRequest>, FetchSink, RecordDelivery.Events {
  private final LedPartitions partitions;
  private final OffsetLookup offsets;
  private final ServerCallStreamObserver<SubscribeResponse> client;
  private final SubscribeCredit credit = new SubscribeCredit();
  private FetchSession session;
  private RecordDelivery delivery;
  private String topicName = "";
  private boolean skipsCorrupt;
  private boolean started;

  /** Partitions that have not been redirected. */
  private int partitionsLeft;

  private boolean over;

  SubscribeStream(
      LedPartitions partitions,
      OffsetLookup offsets,
      ServerCallStreamObserver<SubscribeResponse> client) {
    this.partitions = partitions;
    this.offsets = offsets;
    this.client = client;
  }

  /** Where its partitions' records come from and go through; before anything else. */
  void begin(FetchSession ownSession, RecordDelivery ownDelivery) {
    session = ownSession;
    delivery = ownDelivery;
    client.setOnCancelHandler(this::end);
  }

  SubscribeCredit credit() {
    return credit;
  }

  @Override
  public void onNext(SubscribeRequest request) {
    if (over) {
      return;
    }
    try {
      if (!started && !request.hasStart()) {
        throw new HighwaterException(
            ErrorCode.INVALID_REQUEST, "a subscription begins with its start frame");
      }
      switch (request.getFrameCase()) {
        case START -> start(request.getStart());
        case CREDIT -> {
          credit.grant(request.getCredit());
          delivery.granted();
        }
        case FRAME_NOT_SET -> {
          // A frame of a newer client: what is not understood is passed over.
        }
      }
    } catch (HighwaterException e) {
      fail(e);
    }
  }

  private void fail(HighwaterException failure) {
    if (!over) {
      end();
      client.onError(StatusMapper.toException(failure));
    }
  }

  private void start(SubscribeStart start) {
    if (started) {
      throw new HighwaterException(ErrorCode.INVALID_REQUEST, "the subscription began already");
    }
    started = true;
    credit.start(start.getCredit());
    skipsCorrupt = start.getSkipCorrupt();
    TopicImage topic = partitions.catalog().topic(null, start.getTopic());
    topicName = topic.name();
    List<TopicIdPartition> ids = new ArrayList<>();
    for (int partition : wanted(topic, start)) {
      ids.add(partitions.catalog().partition(topic.id(), topic.name(), partition));
    }
    partitionsLeft = ids.size();
    for (TopicIdPartition id : ids) {
      if (!over) {
        subscribe(id, start);
      }
    }
  }

  private static Collection<Integer> wanted(TopicImage topic, SubscribeStart start) {
    return start.getPartitionsCount() > 0
        ? new LinkedHashSet<>(start.getPartitionsList())
        : topic.partitions().stream().map(PartitionImage::partition).toList();
  }

  private void subscribe(TopicIdPartition id, SubscribeStart start) {
    OffsetSpecOrOffset from = start.getFrom();
    PartitionLog log;
    try {
      log = partitions.find(id, -1).log();
    } catch (PartitionException e) {
      ended(id, e.code(), e.getMessage(), from.getOffset(), e.leader().orElse(null));
      return;
    }
    switch (from.getStartCase()) {
      case OFFSET ->
          session.position(
              new FetchStart(
                  id,
                  -1,
                  from.getOffset(),
                  start.hasLastEpoch() ? start.getLastEpoch() : ReaderPosition.UNKNOWN,
                  0,
                  false,
                  ReaderPosition.UNKNOWN));
      case EARLIEST ->
          position(id, from.getEarliest() ? log.logStartOffset() : log.highWatermark());
      case START_NOT_SET -> position(id, log.highWatermark());
      case TIMESTAMP -> {
        CompletableFuture<Void> unused =
            offsets
                .find(id, -1, OffsetLookup.Spec.TIMESTAMP, from.getTimestamp())
                .handle((found, failure) -> positionAtTime(id, log, found, failure));
      }
    }
  }

  private Void positionAtTime(
      TopicIdPartition id, PartitionLog log, OffsetLookup.Found found, Throwable failure) {
    if (over) {
      return null;
    }
    if (failure != null) {
      HighwaterException named = Replies.asNamed(failure);
      ended(id, named.code(), named.getMessage(), 0, null);
    } else {
      // Nothing of that time yet: whatever comes next is.
      position(id, found.offset() == OffsetLookup.NOTHING ? log.highWatermark() : found.offset());
    }
    return null;
  }

  /** Starts at an offset of now, which no loss of before has to do with. */
  private void position(TopicIdPartition id, long offset) {
    session.position(
        new FetchStart(id, -1, offset, ReaderPosition.UNKNOWN, 0, false, Integer.MAX_VALUE));
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
    delivery.close();
  }

  @Override
  public boolean takesRecords() {
    return !over && delivery.takesBatches();
  }

  @Override
  public boolean takesSignals() {
    return !over && delivery.isWritten();
  }

  @Override
  public boolean takesCaughtUp() {
    return !over && delivery.takesSignals();
  }

  @Override
  public int reserve(TopicIdPartition id, long nextOffset, int leastBytes, int mostBytes) {
    return delivery.reserve(id, leastBytes);
  }

  @Override
  public void unreserve(int bytes) {
    delivery.unreserve(bytes);
  }

  @Override
  public void records(
      TopicIdPartition id, long wantedOffset, ByteBuffer records, LogStatus status) {
    delivery.begin(id, wantedOffset, records, status);
  }

  @Override
  public int onRecords(TopicIdPartition id, List<SubscribedRecord> records, LogStatus status) {
    SubscribeResponse response =
        SubscribeResponse.newBuilder()
            .setRecords(
                SubscribedRecords.newBuilder()
                    .setPartition(id.partition())
                    .setHighWatermark(status.highWatermark())
                    .addAllRecords(records))
            .build();
    client.onNext(response);
    return response.getSerializedSize();
  }

  @Override
  public void onCreditNeeded(TopicIdPartition id, long offset, long bytes) {
    signal(
        SubscribeResponse.newBuilder()
            .setCreditNeeded(
                SubscribedCreditNeeded.newBuilder()
                    .setPartition(id.partition())
                    .setOffset(offset)
                    .setBytes(bytes)));
  }

  @Override
  public boolean onUnreadable(TopicIdPartition id, long from, long to, HighwaterException failure) {
    GapCause cause = causeOf(failure);
    if (skipsCorrupt && cause != GapCause.GAP_CAUSE_UNSPECIFIED) {
      gap(id, from, to, cause, failure.getMessage());
      return true;
    }
    fail(
        new HighwaterException(
            failure.code(),
            nameOf(id)
                + ": the records from offset "
                + from
                + " to "
                + (to - 1)
                + " cannot be delivered: "
                + failure.getMessage()
                + "; subscribe from "
                + to
                + (cause == GapCause.GAP_CAUSE_UNSPECIFIED ? "" : ", or with skip_corrupt,")
                + " to go on behind them",
            failure));
    return false;
  }

  /** What only this broker cannot read, for want of a library, is no gap in the log. */
  private static GapCause causeOf(HighwaterException failure) {
    return switch (failure.code()) {
      case CORRUPT_MESSAGE -> GapCause.GAP_CAUSE_CORRUPT;
      case MESSAGE_TOO_LARGE -> GapCause.GAP_CAUSE_TOO_LARGE;
      default -> GapCause.GAP_CAUSE_UNSPECIFIED;
    };
  }

  @Override
  public void onRewound(TopicIdPartition id, long offset) {
    session.rewind(id, offset);
  }

  @Override
  public void onIdle() {
    session.resume();
  }

  @Override
  public void watermark(TopicIdPartition id, LogStatus status) {
    // Comes with the records that it uncovers.
  }

  @Override
  public void caughtUp(TopicIdPartition id, LogStatus status) {
    signal(
        SubscribeResponse.newBuilder()
            .setCaughtUp(
                SubscribedCaughtUp.newBuilder()
                    .setPartition(id.partition())
                    .setHighWatermark(status.highWatermark())));
  }

  @Override
  public void gap(TopicIdPartition id, long fromOffset, LogStatus status) {
    gap(
        id,
        fromOffset,
        status.logStartOffset(),
        GapCause.GAP_CAUSE_DELETED,
        "the log starts at " + status.logStartOffset());
  }

  @Override
  public void lost(TopicIdPartition id, LostRecords lost, LogStatus status) {
    signal(
        SubscribeResponse.newBuilder()
            .setGap(
                SubscribedGap.newBuilder()
                    .setPartition(id.partition())
                    .setFrom(lost.fromOffset())
                    .setTo(lost.endOffset())
                    .setReason(lost.text())
                    .setCause(GapCause.GAP_CAUSE_LOST)
                    .setNextOffset(lost.nextOffset())));
  }

  private void gap(TopicIdPartition id, long from, long to, GapCause cause, String reason) {
    signal(
        SubscribeResponse.newBuilder()
            .setGap(
                SubscribedGap.newBuilder()
                    .setPartition(id.partition())
                    .setFrom(from)
                    .setTo(to)
                    .setCause(cause)
                    .setNextOffset(to)
                    .setReason(reason)));
  }

  @Override
  public void ended(
      TopicIdPartition id, ErrorCode error, String text, long nextOffset, LeaderHint leader) {
    if (over) {
      return;
    }
    long undelivered = delivery.abandon(id, nextOffset);
    if (error != ErrorCode.NOT_LEADER_OR_FOLLOWER || leader == null) {
      fail(new HighwaterException(error, nameOf(id) + ": " + text));
      return;
    }
    signal(
        SubscribeResponse.newBuilder()
            .setRedirect(
                SubscribedRedirect.newBuilder()
                    .setPartition(id.partition())
                    .setError(Messages.error(error))
                    .setNextOffset(undelivered)
                    .setLeader(Messages.leader(leader))));
    partitionsLeft--;
    if (partitionsLeft == 0) {
      onCompleted();
    }
  }

  private String nameOf(TopicIdPartition id) {
    return topicName + "-" + id.partition();
  }

  private void signal(SubscribeResponse.Builder frame) {
    delivery.signalling();
    client.onNext(frame.build());
  }
}
