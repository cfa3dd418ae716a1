package io.highwater.log.index;

import io.highwater.proto.record.BatchView;

/**
 * The indexes of a segment and what is needed to go on with them: fed with every batch in the order
 * of the log, by the writer as it appends and by a rebuild as it scans, so that both give the same
 * entries. The rule is Kafka's: an entry for the first batch after more than {@code intervalBytes}
 * of log.
 *
 * <p>Writer's thread only, apart from look-ups in the indexes and {@link #maxTimestamp()}.
 */
public final class SegmentIndexes {
  private final long baseOffset;
  private final int intervalBytes;
  private final OffsetIndex offsets;
  private final TimeIndex times;
  private volatile TransactionIndex transactions;
  private volatile long maxTimestamp = Long.MIN_VALUE;
  private long offsetOfMaxTimestamp = -1;
  private int bytesSinceEntry;

  /** Empty indexes of the segment at {@code baseOffset}. */
  public SegmentIndexes(long baseOffset, int intervalBytes) {
    this(baseOffset, intervalBytes, new OffsetIndex(), new TimeIndex(), TransactionIndex.EMPTY);
  }

  /**
   * Indexes with content. The batches from {@link OffsetIndex#lastPosition()} on must be fed with
   * {@link #resume} before anything is added.
   */
  public SegmentIndexes(
      long baseOffset,
      int intervalBytes,
      OffsetIndex offsets,
      TimeIndex times,
      TransactionIndex transactions) {
    this.baseOffset = baseOffset;
    this.intervalBytes = intervalBytes;
    this.offsets = offsets;
    this.times = times;
    this.transactions = transactions;
    int last = times.count() - 1;
    if (last >= 0) {
      maxTimestamp = times.timestamp(last);
      offsetOfMaxTimestamp = baseOffset + times.relativeOffset(last);
    }
  }

  /** Takes note of a batch that was just written at {@code position}. */
  public void add(BatchView batch, int position) {
    long lastOffset = batch.lastOffset();
    observe(batch.maxTimestamp(), lastOffset);
    if (bytesSinceEntry > intervalBytes) {
      offsets.append((int) (lastOffset - baseOffset), position);
      addTimeEntry();
      bytesSinceEntry = 0;
    }
    bytesSinceEntry += batch.sizeInBytes();
  }

  /** Takes note of a batch from the last entry on, when going on with indexes that have content. */
  public void resume(BatchView batch) {
    observe(batch.maxTimestamp(), batch.lastOffset());
    bytesSinceEntry += batch.sizeInBytes();
  }

  /** Takes note of what the batch added last aborted. */
  public void add(AbortedTransaction aborted) {
    transactions = transactions.with(aborted);
  }

  /** Adds the last entry of the time index, as a segment is sealed. */
  public void seal() {
    addTimeEntry();
  }

  /** Base offset of the segment. */
  public long baseOffset() {
    return baseOffset;
  }

  /** Offset &rarr; position. */
  public OffsetIndex offsets() {
    return offsets;
  }

  /** Timestamp &rarr; offset. */
  public TimeIndex times() {
    return times;
  }

  /** What markers in the segment aborted. */
  public TransactionIndex transactions() {
    return transactions;
  }

  /** Greatest timestamp of the segment; {@link Long#MIN_VALUE} without batches. */
  public long maxTimestamp() {
    return maxTimestamp;
  }

  private void observe(long timestamp, long lastOffset) {
    if (timestamp > maxTimestamp) {
      maxTimestamp = timestamp;
      offsetOfMaxTimestamp = lastOffset;
    }
  }

  private void addTimeEntry() {
    if (offsetOfMaxTimestamp >= 0) {
      times.append(maxTimestamp, (int) (offsetOfMaxTimestamp - baseOffset));
    }
  }
}
