package io.highwater.log.retain;

import io.highwater.log.LogContext;
import io.highwater.log.LogOffsets;
import io.highwater.log.LogView;
import io.highwater.log.append.LogAppender;
import io.highwater.log.append.RollPolicy;
import io.highwater.log.producer.ProducerSnapshot;
import io.highwater.log.segment.Segment;
import io.highwater.log.segment.SegmentList;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Lets the oldest segments of one log go, in steps that keep every crash point and every reader
 * sound:
 *
 * <pre>
 *   log start moves (RET-1) -> segments leave the list -> the checkpoint says so -> delay -> files go
 *   \_______________ owner ______________/                \______________ any thread _____________/
 * </pre>
 *
 * <p>A reader that holds a segment reads on: its file is open. One that comes later finds its
 * offset below the start. What a crash leaves is swept at the next opening.
 */
public final class LogRetention {
  private record Dropped(Segment segment, long endOffset, long dueMs) {}

  private final LogContext context;
  private final LogView view;
  private final LogAppender appender;
  private final ConcurrentLinkedQueue<Dropped> dropped = new ConcurrentLinkedQueue<>();
  private boolean closed;

  /** Retention of the log of these parts. */
  public LogRetention(LogContext context, LogView view, LogAppender appender) {
    this.context = context;
    this.view = view;
    this.appender = appender;
  }

  /**
   * Moves the log start as age and size ask. Segments are dated by this broker's clock, not by what
   * producers claim (RET-2). Owner only, and there only where the log is led: followers take their
   * leader's start.
   *
   * @return whether the start moved
   * @throws HighwaterException KAFKA_STORAGE_ERROR
   */
  public boolean enforce() {
    long nowMs = context.clock().time();
    RetentionConfig config = context.config().retention();
    if (RetentionRule.isExpired(appender.tail().segment(), config, nowMs)
        || RetentionRule.keepsNothing(config)) {
      sealTail();
    }
    LogOffsets offsets = view.offsets();
    startAt(RetentionRule.startOffset(view.segments(), offsets, config, nowMs));
    return view.offsets().start() > offsets.start();
  }

  /**
   * Seals the last segment when it is older than {@code segment.ms}, or {@code
   * max.compaction.lag.ms} where that is less, also when nothing is appended that would do it:
   * compaction and retention take sealed ones only. Owner only.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR
   */
  public void rollIfOld() {
    if (context.clock().time() - appender.tail().createdMs()
        >= RollPolicy.rollMs(context.config())) {
      sealTail();
    }
  }

  /**
   * Moves the log start up to {@code offset}, at most to the high watermark; segments wholly below
   * leave the log. Owner only.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR
   */
  public void startAt(long offset) {
    LogOffsets offsets = view.offsets();
    view.startingAt(Math.min(offset, offsets.highWatermark()));
    if (view.offsets().start() == offsets.end()) {
      sealTail();
    }
    drop();
  }

  /** A full disk must not keep what is to go: then the tail is sealed another time. */
  private void sealTail() {
    if (appender.tail().size() == 0) {
      return;
    }
    try {
      appender.sealTail();
    } catch (HighwaterException e) {
      if (e.code() != ErrorCode.STORAGE_FULL) {
        throw e;
      }
    }
  }

  /**
   * Segments wholly below the start leave the log once they are flushed: after a power loss the
   * start may be an earlier one, and what lies behind a segment that tore then would be lost with
   * it. Owner only.
   */
  public void drop() {
    if (droppable() == 0 || !view.sealedFiles().tryLock()) {
      return; // Whoever has the lock works on the disk: the next round comes.
    }
    try {
      SegmentList segments = view.segments();
      int gone = droppable();
      long dueMs = context.clock().time() + context.config().fileDeleteDelayMs();
      view.changeSegments(list -> list.withoutFirst(gone));
      for (int i = 0; i < gone; i++) {
        long end = segments.get(i + 1).baseOffset();
        dropped.add(new Dropped(segments.get(i), end, dueMs));
      }
    } finally {
      view.sealedFiles().unlock();
    }
  }

  private int droppable() {
    LogOffsets offsets = view.offsets();
    return view.segments().floorIndex(Math.min(offsets.start(), offsets.flushed()));
  }

  /**
   * What a log start frees.
   *
   * @param segments whose files go
   * @param bytes of their logs
   */
  public record Freed(int segments, long bytes) {}

  /**
   * About how many bytes the log holds from an offset on: whole segments exactly, within a segment
   * by the share of its offsets. Any thread.
   */
  public long bytesFrom(long offset) {
    SegmentList segments = view.segments();
    long end = view.offsets().end();
    long bytes = 0;
    for (int i = segments.size() - 1; i >= 0 && end > offset; i--) {
      Segment segment = segments.get(i);
      long base = segment.baseOffset();
      double share = offset <= base ? 1 : (double) (end - offset) / (end - base);
      bytes += Math.round(share * RetentionRule.bytesOf(segment));
      end = base;
    }
    return bytes;
  }

  /** What moving the log start to {@code offset} would free. Owner only; changes nothing. */
  public Freed freedBy(long offset) {
    SegmentList segments = view.segments();
    int gone =
        offset == view.offsets().end() && appender.tail().size() > 0
            ? segments.size()
            : segments.floorIndex(offset);
    long bytes = 0;
    for (int i = 0; i < gone; i++) {
      bytes += RetentionRule.bytesOf(segments.get(i));
    }
    return new Freed(gone, bytes);
  }

  /** Whether a crash cannot take the present log start back. Any thread. */
  public boolean isStartDurable() {
    return context.checkpoints().logStart(context.partition()) >= view.offsets().start();
  }

  /** Whether files wait to be deleted. Any thread. */
  public boolean hasDropped() {
    return !dropped.isEmpty();
  }

  /**
   * Deletes the files whose delay is over and whose going the log start checkpoint on disk tells.
   * Waits for the disk; any thread.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR
   */
  public void deleteDue() {
    long nowMs = context.clock().time();
    for (Dropped next = dropped.peek();
        next != null
            && next.dueMs <= nowMs
            && next.endOffset <= context.checkpoints().logStart(context.partition());
        next = dropped.peek()) {
      delete(next);
    }
  }

  private void delete(Dropped oldest) {
    view.sealedFiles().lock();
    try {
      // A log that was reset meanwhile took all its files away and may have new ones of that name.
      if (!closed
          && dropped.remove(oldest)
          && oldest.segment.baseOffset() < view.segments().first().baseOffset()) {
        oldest.segment.delete();
        ProducerSnapshot.delete(
            context.storage(), context.directory(), oldest.segment.baseOffset());
      }
    } catch (IOException e) {
      throw context.health().fail("deleting old segments of " + context.partition(), e);
    } finally {
      view.sealedFiles().unlock();
    }
  }

  /**
   * Deletes nothing any more: the directory may become another log's. A deletion under way is
   * waited for.
   */
  public void close() {
    view.sealedFiles().lock();
    try {
      closed = true;
      dropped.forEach(left -> left.segment.close());
      dropped.clear();
    } finally {
      view.sealedFiles().unlock();
    }
  }
}
