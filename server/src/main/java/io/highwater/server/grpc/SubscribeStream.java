package io.highwater.server.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.highwater.log.PartitionLog;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.grpc.StatusMapper;
import io.highwater.proto.v1.Credit;
import io.highwater.proto.v1.GapCause;
import io.highwater.proto.v1.OffsetSpecOrOffset;
import io.highwater.proto.v1.SubscribeRequest;
import io.highwater.proto.v1.SubscribeResponse;
import io.highwater.proto.v1.SubscribeStart;
import io.highwater.proto.v1.SubscribedCaughtUp;
import io.highwater.proto.v1.SubscribedGap;
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
import io.highwater.server.fetch.PartitionReader;
import io.highwater.server.partition.LeaderHint;
import io.highwater.server.partition.LedPartitions;
import io.highwater.server.partition.PartitionException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;

/**
 * One client's subscription to a topic: batches are opened here and their records sent within the
 * client's credit. On the owner loop.
 */
final class SubscribeStream implements StreamObserver<SubscribeRequest>, FetchSink {
  private final LedPartitions partitions;
  private final PartitionReader reader;
  private final OffsetLookup offsets;
  private final ServerCallStreamObserver<SubscribeResponse> client;
  private final RecordFrames frames = new RecordFrames();
  private FetchSession session;
  private long creditBytes;
  private long creditRecords;
  private boolean started;
  private boolean over;

  SubscribeStream(
      LedPartitions partitions,
      PartitionReader reader,
      OffsetLookup offsets,
      ServerCallStreamObserver<SubscribeResponse> client) {
    this.partitions = partitions;
    this.reader = reader;
    this.offsets = offsets;
    this.client = client;
  }

  /** Begins; the session sends to this stream. */
  void begin(FetchSession own) {
    session = own;
    client.setOnReadyHandler(own::resume);
    client.setOnCancelHandler(this::end);
  }

  @Override
  public void onNext(SubscribeRequest request) {
    if (over) {
      return;
    }
    try {
      switch (request.getFrameCase()) {
        case START -> start(request.getStart());
        case CREDIT -> grant(request.getCredit());
        case FRAME_NOT_SET -> {
          // A frame of a newer client: what is not understood is passed over.
        }
      }
    } catch (HighwaterException e) {
      end();
      client.onError(StatusMapper.toException(e));
    }
  }

  private void start(SubscribeStart start) {
    if (started) {
      throw new HighwaterException(ErrorCode.INVALID_REQUEST, "the subscription began already");
    }
    started = true;
    TopicImage topic = partitions.catalog().topic(null, start.getTopic());
    // A kind of credit that is not given at the start does not limit.
    creditBytes = orUnlimited(start.getCredit().getBytes());
    creditRecords = orUnlimited(start.getCredit().getRecords());
    for (int partition : wanted(topic, start)) {
      subscribe(partitions.catalog().partition(topic.id(), topic.name(), partition), start);
    }
  }

  private static Collection<Integer> wanted(TopicImage topic, SubscribeStart start) {
    return start.getPartitionsCount() > 0
        ? start.getPartitionsList()
        : topic.partitions().stream().map(PartitionImage::partition).toList();
  }

  private static long orUnlimited(long credit) {
    return credit > 0 ? credit : Long.MAX_VALUE;
  }

  /** Grants are cumulative: an older or smaller one changes nothing. */
  private void grant(Credit credit) {
    creditBytes = Math.max(creditBytes, credit.getBytes());
    creditRecords = Math.max(creditRecords, credit.getRecords());
    session.resume();
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
  }

  @Override
  public boolean takesRecords() {
    return takesSignals()
        && frames.sentBytes() < creditBytes
        && frames.sentRecords() < creditRecords;
  }

  @Override
  public boolean takesSignals() {
    return !over && client.isReady();
  }

  @Override
  public void records(
      TopicIdPartition id, long wantedOffset, ByteBuffer records, LogStatus status) {
    try {
      frames.decode(
          records,
          wantedOffset,
          chunk ->
              client.onNext(
                  SubscribeResponse.newBuilder()
                      .setRecords(
                          SubscribedRecords.newBuilder()
                              .setPartition(id.partition())
                              .setHighWatermark(status.highWatermark())
                              .addAllRecords(chunk))
                      .build()));
    } catch (HighwaterException e) {
      session.stop(id);
      ended(id, e.code(), e.getMessage(), frames.nextOffset(), null);
    } finally {
      reader.release(records);
    }
  }

  @Override
  public void watermark(TopicIdPartition id, LogStatus status) {
    // Comes with the records that it uncovers.
  }

  @Override
  public void caughtUp(TopicIdPartition id, LogStatus status) {
    client.onNext(
        SubscribeResponse.newBuilder()
            .setCaughtUp(
                SubscribedCaughtUp.newBuilder()
                    .setPartition(id.partition())
                    .setHighWatermark(status.highWatermark()))
            .build());
  }

  @Override
  public void gap(TopicIdPartition id, long fromOffset, LogStatus status) {
    client.onNext(
        SubscribeResponse.newBuilder()
            .setGap(
                SubscribedGap.newBuilder()
                    .setPartition(id.partition())
                    .setFrom(fromOffset)
                    .setTo(status.logStartOffset())
                    .setReason("the log starts at " + status.logStartOffset())
                    .setCause(GapCause.GAP_CAUSE_DELETED)
                    .setNextOffset(status.logStartOffset()))
            .build());
  }

  @Override
  public void lost(TopicIdPartition id, LostRecords lost, LogStatus status) {
    client.onNext(
        SubscribeResponse.newBuilder()
            .setGap(
                SubscribedGap.newBuilder()
                    .setPartition(id.partition())
                    .setFrom(lost.fromOffset())
                    .setTo(lost.endOffset())
                    .setReason(lost.text())
                    .setCause(GapCause.GAP_CAUSE_LOST)
                    .setNextOffset(lost.nextOffset()))
            .build());
  }

  @Override
  public void ended(
      TopicIdPartition id, ErrorCode error, String text, long nextOffset, LeaderHint leader) {
    if (over) {
      return;
    }
    SubscribedRedirect.Builder redirect =
        SubscribedRedirect.newBuilder()
            .setPartition(id.partition())
            .setError(Messages.error(error))
            .setNextOffset(nextOffset);
    if (leader != null) {
      redirect.setLeader(Messages.leader(leader));
    }
    client.onNext(SubscribeResponse.newBuilder().setRedirect(redirect).build());
  }
}
