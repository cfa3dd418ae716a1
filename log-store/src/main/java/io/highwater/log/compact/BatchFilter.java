package io.highwater.log.compact;

import io.highwater.proto.record.BatchRewriter;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.RecordCursor;
import java.nio.ByteBuffer;

/**
 * Decides what stays of one batch and writes it again where something goes. A record stays when no
 * later one of its key is known (CMP-1). Tombstones, and markers of transactions without records,
 * get a delete horizon from the first cleaning that left nothing older of theirs, and go once it is
 * past (CMP-3, KIP-534). No I/O; one thread.
 */
final class BatchFilter implements AutoCloseable {
  private final OffsetMap keys;
  private final long keysEnd;
  private final LiveBatches live;
  private final Transactions transactions;
  private final long nowMs;
  private final long horizonMs;
  private final BatchRewriter rewriter = new BatchRewriter();
  private final RecordCursor records = new RecordCursor();
  private long recordsIn;
  private long recordsOut;

  /**
   * A filter for one walk through a log.
   *
   * @param keys latest offsets of the keys below {@code keysEnd}
   * @param keysEnd batches that begin there or later stay as they are
   * @param nowMs wall clock
   * @param deleteRetentionMs how long a tombstone stays
   */
  BatchFilter(
      OffsetMap keys,
      long keysEnd,
      LiveBatches live,
      Transactions transactions,
      long nowMs,
      long deleteRetentionMs) {
    this.keys = keys;
    this.keysEnd = keysEnd;
    this.live = live;
    this.transactions = transactions;
    this.nowMs = nowMs;
    this.horizonMs =
        deleteRetentionMs > Long.MAX_VALUE - nowMs ? Long.MAX_VALUE : nowMs + deleteRetentionMs;
  }

  /** Records read. */
  long recordsIn() {
    return recordsIn;
  }

  /** Records kept. */
  long recordsOut() {
    return recordsOut;
  }

  /**
   * What stays of a batch.
   *
   * @param batch sound; in the order of the log
   * @param keepHeader whether the batch's header stays whatever its records do
   * @return null: the batch as it is; without remaining bytes: nothing; else the batch that takes
   *     its place, valid until the next call
   * @throws io.highwater.proto.HighwaterException CORRUPT_MESSAGE or MESSAGE_TOO_LARGE when the
   *     records cannot be read
   */
  ByteBuffer filter(BatchView batch, boolean keepHeader) {
    int count = batch.recordCount();
    recordsIn += count;
    boolean headerStays = keepHeader || live.contains(batch);
    if (batch.isControl()) {
      return filterMarker(batch, headerStays);
    }
    transactions.met(batch);
    if (batch.baseOffset() >= keysEnd && !transactions.isAborted(batch)) {
      recordsOut += count;
      return null;
    }
    if (count == 0) {
      return headerStays ? null : nothing();
    }
    if (transactions.isAborted(batch)) {
      rewriter.begin(batch, BatchRewriter.NO_HORIZON);
    } else if (keepRecords(batch, BatchRewriter.NO_HORIZON) && mayBeginHorizon(batch)) {
      keepRecords(batch, horizonMs);
      recordsOut += rewriter.recordCount();
      return rewriter.finish();
    }
    recordsOut += rewriter.recordCount();
    if (rewriter.recordCount() == count) {
      return null;
    }
    return rewriter.recordCount() > 0 || headerStays ? rewriter.finish() : nothing();
  }

  /** Markers say how a transaction ended, so they stay as long as records of it do. */
  private ByteBuffer filterMarker(BatchView batch, boolean headerStays) {
    boolean empty = transactions.endsEmpty(batch);
    int count = batch.recordCount();
    if (count == 0) {
      return headerStays ? null : nothing();
    }
    if (empty && isHorizonPast(batch)) {
      rewriter.begin(batch, BatchRewriter.NO_HORIZON);
      return headerStays ? rewriter.finish() : nothing();
    }
    recordsOut += count;
    if (!empty || !mayBeginHorizon(batch)) {
      return null;
    }
    rewriter.begin(batch, horizonMs);
    records.wrap(batch.buffer(), batch.offset());
    while (records.next()) {
      rewriter.keep(records);
    }
    return rewriter.finish();
  }

  /** Only when the keys reach past the batch has everything older gone with this cleaning. */
  private boolean mayBeginHorizon(BatchView batch) {
    return !batch.hasDeleteHorizon() && batch.nextOffset() <= keysEnd;
  }

  private boolean isHorizonPast(BatchView batch) {
    return batch.hasDeleteHorizon() && batch.baseTimestamp() <= nowMs;
  }

  /** Feeds the rewriter with what stays; returns whether a tombstone is among it. */
  private boolean keepRecords(BatchView batch, long horizon) {
    boolean tombstonesStay = !isHorizonPast(batch);
    boolean tombstoneKept = false;
    rewriter.begin(batch, horizon);
    records.wrap(batch.buffer(), batch.offset());
    while (records.next()) {
      if (isLatest() && (records.hasValue() || tombstonesStay)) {
        tombstoneKept |= !records.hasValue();
        rewriter.keep(records);
      }
    }
    return tombstoneKept;
  }

  /** A record without a key has no place in a compacted log; it may be of before that. */
  private boolean isLatest() {
    return records.offset() >= keysEnd
        || (records.hasKey()
            && records.offset()
                >= keys.latest(records.buffer(), records.keyOffset(), records.keyLength()));
  }

  private static ByteBuffer nothing() {
    return ByteBuffer.allocate(0);
  }

  @Override
  public void close() {
    records.close();
  }
}
