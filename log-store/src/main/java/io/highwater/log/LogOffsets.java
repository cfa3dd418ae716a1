package io.highwater.log;

import io.highwater.proto.Invariant;

/**
 * The offsets of a log, checked together: start &le; high watermark &le; end and flushed &le; end
 * (REP-5). Every change makes a new value through one of the methods here.
 *
 * @param start first offset that may be read
 * @param highWatermark exclusive end of what is committed
 * @param end exclusive end of what is appended: the next offset
 * @param flushed exclusive end of what survives a power loss
 * @param firstUndecided first offset of the oldest transaction that is not decided below the high
 *     watermark, or {@link #NONE_UNDECIDED}
 */
public record LogOffsets(
    long start, long highWatermark, long end, long flushed, long firstUndecided) {
  /** Stands for no undecided transaction. */
  public static final long NONE_UNDECIDED = Long.MAX_VALUE;

  public LogOffsets {
    Invariant.check(start >= 0, "log start is not negative", start);
    Invariant.check(
        start <= highWatermark, "REP-5: log start <= high watermark", start, highWatermark);
    Invariant.check(highWatermark <= end, "REP-5: high watermark <= log end", highWatermark, end);
    Invariant.check(flushed <= end, "flushed <= log end", flushed, end);
  }

  /** The offsets of a log without undecided transactions. */
  public LogOffsets(long start, long highWatermark, long end, long flushed) {
    this(start, highWatermark, end, flushed, NONE_UNDECIDED);
  }

  /**
   * Exclusive end of what a reader of committed transactions may see (KIP-98): no transaction that
   * is undecided has a record below it, unless the log starts within that transaction.
   */
  public long lastStable() {
    return Math.min(highWatermark, Math.max(start, firstUndecided));
  }

  /** An empty log at {@code offset}. */
  public static LogOffsets emptyAt(long offset) {
    return new LogOffsets(offset, offset, offset, offset);
  }

  /** After an append; the end never goes back here. */
  public LogOffsets appendedTo(long newEnd, long nowUndecided) {
    Invariant.check(newEnd >= end, "an append moves the log end forward", newEnd, end);
    return new LogOffsets(start, highWatermark, newEnd, flushed, nowUndecided);
  }

  /** With a high watermark of at least {@code offset}, never past the end. */
  public LogOffsets committedTo(long offset) {
    return new LogOffsets(
        start, Math.max(highWatermark, Math.min(offset, end)), end, flushed, firstUndecided);
  }

  /** With another oldest undecided transaction. */
  public LogOffsets undecidedFrom(long offset) {
    return new LogOffsets(start, highWatermark, end, flushed, offset);
  }

  /** With at least {@code offset} flushed. */
  public LogOffsets flushedTo(long offset) {
    return new LogOffsets(start, highWatermark, end, Math.max(flushed, offset), firstUndecided);
  }

  /** With a start of at least {@code offset}; the start never passes the high watermark (RET-1). */
  public LogOffsets startingAt(long offset) {
    return new LogOffsets(Math.max(start, offset), highWatermark, end, flushed, firstUndecided);
  }

  /** After a cut to {@code newEnd}, which is not below the start. */
  public LogOffsets truncatedTo(long newEnd) {
    Invariant.check(newEnd <= end, "a cut moves the log end back", newEnd, end);
    return new LogOffsets(
        start, Math.min(highWatermark, newEnd), newEnd, Math.min(flushed, newEnd), firstUndecided);
  }
}
