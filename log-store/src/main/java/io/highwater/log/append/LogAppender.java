package io.highwater.log.append;

import io.highwater.log.AppendResult;
import io.highwater.log.EpochHistory;
import io.highwater.log.LogConfig;
import io.highwater.log.LogContext;
import io.highwater.log.LogView;
import io.highwater.log.checkpoint.EpochCheckpoint;
import io.highwater.log.index.AbortedTransaction;
import io.highwater.log.io.StorageFullException;
import io.highwater.log.producer.ProducerSnapshot;
import io.highwater.log.producer.ProducerStates;
import io.highwater.log.segment.SegmentWriter;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchHeader;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.BatchStamper;
import io.highwater.proto.record.BatchValidator;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.ContentValidator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;

/** Appends at the tail of one log. Owner thread only. */
public final class LogAppender {
  private final LogContext context;
  private final LogView view;
  private final ProducerStates producers;
  private final BatchValidator validator = new BatchValidator();
  private final BatchView batch = new BatchView();
  private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
  private final byte[] lastHeader = new byte[BatchLayout.HEADER_BYTES];
  private boolean lastHeaderKnown;
  private SegmentWriter tail;
  private ContentValidator content;

  /** Goes on at {@code tail}. */
  public LogAppender(
      LogContext context, LogView view, ProducerStates producers, SegmentWriter tail) {
    this.context = context;
    this.view = view;
    this.producers = producers;
    this.tail = tail;
  }

  /** The writer of the last segment. */
  public SegmentWriter tail() {
    return tail;
  }

  /** Goes on at another place, after a cut. */
  public void continueAt(SegmentWriter newTail) {
    tail = newTail;
    lastHeaderKnown = false;
  }

  /** See {@link io.highwater.log.PartitionLog#lastHeader}. */
  public Optional<BatchHeader> lastHeader() {
    return lastHeaderKnown ? Optional.of(BatchHeader.of(lastHeader)) : Optional.empty();
  }

  /** See {@link io.highwater.log.PartitionLog#remember}. */
  public void remember(BatchHeader header) {
    if (header.lastOffset() + 1 == view.offsets().end()) {
      System.arraycopy(header.toBytes(), 0, lastHeader, 0, lastHeader.length);
      lastHeaderKnown = true;
    }
  }

  /** See {@link io.highwater.log.PartitionLog#appendAsLeader}. */
  public AppendResult appendAsLeader(ByteBuffer bytes, int leaderEpoch, boolean validated) {
    int size = bytes.remaining();
    wrap(bytes);
    if (!validated) {
      validate(size);
    }
    requireCurrent(leaderEpoch);
    batch.wrap(buffer, 0);
    requireTimely();
    long nowMs = context.clock().time();
    AppendResult duplicate = producers.check(batch, nowMs);
    if (duplicate != null) {
      return duplicate;
    }
    long baseOffset = view.offsets().end();
    if (baseOffset > Long.MAX_VALUE - 1 - batch.lastOffsetDelta()) {
      throw new HighwaterException(ErrorCode.KAFKA_STORAGE_ERROR, "the log is out of offsets");
    }
    BatchStamper.stamp(buffer, 0, baseOffset, leaderEpoch);
    long lastOffset = batch.lastOffset();
    appendRuns(bytes, size, nowMs);
    return new AppendResult(baseOffset, lastOffset, false);
  }

  /** See {@link io.highwater.log.PartitionLog#appendAsFollower}. */
  public AppendResult appendAsFollower(ByteBuffer bytes, long previousEnd, int leaderEpoch) {
    int size = bytes.remaining();
    wrap(bytes);
    requireCurrent(leaderEpoch);
    long end = view.offsets().end();
    if (previousEnd != end) {
      throw new HighwaterException(
          ErrorCode.OFFSET_OUT_OF_RANGE,
          "REP-7: the batches follow offset " + previousEnd + ", the log ends at " + end);
    }
    long newEnd = requireContinuous(size, end, leaderEpoch);
    appendRuns(bytes, size, context.clock().time());
    return new AppendResult(end, newEnd - 1, false);
  }

  /**
   * Whether one of these batches, as far as their lengths make sense, is of a later epoch than the
   * log.
   */
  public boolean beginsEpoch(ByteBuffer bytes) {
    int lastEpoch = view.epochs().lastEpoch();
    int size = bytes.remaining();
    wrap(bytes);
    for (int at = 0; size - at >= BatchLayout.HEADER_BYTES; at += batch.sizeInBytes()) {
      batch.wrap(buffer, at);
      if (batch.leaderEpoch() > lastEpoch) {
        return true;
      }
      if (batch.sizeInBytes() < BatchLayout.HEADER_BYTES || batch.sizeInBytes() > size - at) {
        return false; // Refused when they are appended.
      }
    }
    return false;
  }

  /**
   * Appends a batch without records, so that a log whose last offsets were compacted away ends with
   * a batch again: what replicas and readers have of it shows in batches only.
   */
  public void appendEmpty(int leaderEpoch) {
    ByteBuffer bytes = EmptyBatch.at(view.offsets().end(), leaderEpoch);
    wrap(bytes);
    appendRuns(bytes, bytes.remaining(), context.clock().time());
  }

  private void validate(int size) {
    LogConfig config = context.config();
    boolean keysRequired = config.compaction().enabled();
    boolean compressed = validator.validate(buffer, 0, size, config.maxBatchBytes(), keysRequired);
    if (compressed && config.looksIntoRecords()) {
      if (content == null) {
        content = new ContentValidator();
      }
      content.validate(buffer, 0, keysRequired);
    }
  }

  /** By the wall clock, which producers have as well. */
  private void requireTimely() {
    TimestampBounds bounds = context.config().timestamps();
    long wallMs = context.wallClock().time();
    if (!bounds.allow(batch.baseTimestamp(), wallMs)
        || !bounds.allow(batch.maxTimestamp(), wallMs)) {
      throw new HighwaterException(
          ErrorCode.INVALID_TIMESTAMP,
          "timestamps from "
              + batch.baseTimestamp()
              + " to "
              + batch.maxTimestamp()
              + " are more than "
              + bounds.beforeMaxMs()
              + " ms before or "
              + bounds.afterMaxMs()
              + " ms after the broker's "
              + wallMs);
    }
  }

  private void wrap(ByteBuffer bytes) {
    buffer.wrap(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
  }

  private void requireCurrent(int leaderEpoch) {
    int lastEpoch = view.epochs().lastEpoch();
    if (leaderEpoch < lastEpoch) {
      throw new HighwaterException(
          ErrorCode.FENCED_LEADER_EPOCH,
          "LEP-4: leader epoch " + leaderEpoch + ", the log is in " + lastEpoch);
    }
  }

  /** Checks all before anything is written; returns the end that the batches lead to. */
  private long requireContinuous(int size, long end, int leaderEpoch) {
    long expected = end;
    int epoch = Math.max(0, view.epochs().lastEpoch());
    int at = 0;
    while (at < size) {
      int batchBytes = validator.validateStored(buffer, at, size - at);
      batch.wrap(buffer, at);
      if (!view.follows(batch.baseOffset(), expected) || batch.lastOffsetDelta() < 0) {
        throw corrupt("STO-2: batch at offset " + batch.baseOffset() + ", expected " + expected);
      }
      if (batch.leaderEpoch() < epoch || batch.leaderEpoch() > leaderEpoch) {
        throw corrupt(
            "LEP-4: batch of epoch "
                + batch.leaderEpoch()
                + ", expected "
                + epoch
                + " to "
                + leaderEpoch);
      }
      epoch = batch.leaderEpoch();
      expected = batch.nextOffset();
      at += batchBytes;
    }
    if (size == 0 || expected <= end) {
      throw corrupt("no batches to append");
    }
    return expected;
  }

  private static HighwaterException corrupt(String what) {
    return new HighwaterException(ErrorCode.CORRUPT_MESSAGE, what);
  }

  /** Writes stamped batches, each run of one epoch that fits the tail with one write. */
  private void appendRuns(ByteBuffer bytes, int size, long nowMs) {
    int origin = bytes.position();
    int start = 0;
    while (start < size) {
      batch.wrap(buffer, start);
      int epoch = batch.leaderEpoch();
      assignEpochStart(epoch, batch.baseOffset());
      if (mustRoll(0, nowMs)) {
        roll(nextBase());
      }
      int end = start;
      do {
        end += batch.sizeInBytes();
        if (end == size) {
          break;
        }
        batch.wrap(buffer, end);
      } while (batch.leaderEpoch() == epoch && !mustRoll(end - start, nowMs));
      writeRun(bytes.duplicate().limit(origin + end).position(origin + start), nowMs);
      takeIn(start, end, nowMs);
      start = end;
    }
    bytes.position(origin + size);
  }

  /**
   * Where the next segment begins: where the log ends, so that no gap lies between two segments;
   * but behind a gap that is too wide for an index.
   */
  private long nextBase() {
    long end = view.offsets().end();
    return batch.lastOffset() - end > Integer.MAX_VALUE ? batch.baseOffset() : end;
  }

  private boolean mustRoll(int pendingBytes, long nowMs) {
    return RollPolicy.mustRoll(
        context.config(),
        tail.size() + pendingBytes,
        tail.indexBytes(),
        tail.size() == 0 ? 0 : nowMs - tail.createdMs(),
        batch.sizeInBytes(),
        batch.lastOffset() - tail.segment().baseOffset());
  }

  private void writeRun(ByteBuffer run, long nowMs) {
    try {
      tail.write(run, nowMs);
    } catch (IOException e) {
      String what = "append to " + context.partition();
      try {
        tail.cutBack();
      } catch (IOException again) {
        e.addSuppressed(again);
        throw context.health().fail(what + " and cutting it back", e);
      }
      throw context.health().refuse(what, e);
    }
  }

  /** The bytes are in the file: indexes, producers and readers follow. Nothing here can fail. */
  private void takeIn(int start, int end, long nowMs) {
    int at = start;
    while (at < end) {
      batch.wrap(buffer, at);
      tail.wrote(batch);
      AbortedTransaction aborted = producers.update(batch, nowMs);
      if (aborted != null) {
        tail.aborted(aborted);
      }
      at += batch.sizeInBytes();
    }
    buffer.getBytes(batch.offset(), lastHeader);
    lastHeaderKnown = true;
    long newEnd = batch.nextOffset();
    tail.publish();
    view.appendedTo(newEnd, producers.firstUndecided(view.offsets().highWatermark()));
    if (tail.indexesDue()) {
      writeIndexes();
    }
  }

  /**
   * The batch is appended whatever happens here: entries that a full disk refuses stay in memory
   * until the next try, any other fault is the next append's.
   */
  private void writeIndexes() {
    try {
      tail.writeIndexes();
    } catch (StorageFullException e) {
      return;
    } catch (IOException e) {
      context.health().fail("writing the index of " + context.partition(), e);
    }
  }

  /**
   * Records that {@code epoch} begins at {@code startOffset}, durably, unless it began already.
   *
   * @throws HighwaterException STORAGE_FULL or KAFKA_STORAGE_ERROR; nothing has changed then
   */
  public void assignEpochStart(int epoch, long startOffset) {
    EpochHistory before = view.epochs();
    EpochHistory after = before.assign(epoch, startOffset);
    if (after.equals(before)) {
      return;
    }
    try {
      EpochCheckpoint.write(context.storage(), context.directory(), context.owner(), after);
    } catch (IOException e) {
      throw context.health().refuse("recording an epoch of " + context.partition(), e);
    }
    view.epochs(after);
  }

  /**
   * Seals the tail, which holds something, and begins a segment at the log's end.
   *
   * @throws HighwaterException STORAGE_FULL or KAFKA_STORAGE_ERROR; nothing has changed then
   */
  public void sealTail() {
    roll(view.offsets().end());
  }

  /** Seals the tail and begins a segment at {@code baseOffset}; on failure nothing has changed. */
  private void roll(long baseOffset) {
    SegmentWriter next = beginAt(baseOffset);
    tail.seal();
    tail = next;
    view.changeSegments(segments -> segments.with(next.segment()));
  }

  private SegmentWriter beginAt(long baseOffset) {
    try {
      tail.complete(baseOffset);
      producers.removeExpired(context.clock().time());
      ProducerSnapshot.write(context.files(), baseOffset, producers);
      return SegmentWriter.create(
          context.files(),
          baseOffset,
          context.config().indexIntervalBytes(),
          context.openSegments(),
          context.clock().time());
    } catch (IOException e) {
      throw context.health().refuse("rolling a segment of " + context.partition(), e);
    }
  }
}
