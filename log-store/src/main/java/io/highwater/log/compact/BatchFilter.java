package io.highwater.log.compact;

import io.highwater.proto.record.BatchRewriter;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.RecordCursor;
import java.nio.ByteBuffer;
import java.util.BitSet;

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
  private final HashedKeys hashed;
  private final BitSet kept = new BitSet();
  private boolean tombstoneKept;
  private long recordsIn;
  private long recordsOut;
  private long tombstonesEnd;

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
    this.hashed = keys.newKeys();
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

  /** Exclusive end of the tombstones and markers that went so far, 0 when none did (CMP-6). */
  long tombstonesEnd() {
    return tombstonesEnd;
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
    decide(batch);
    int keptCount = kept.cardinality();
    recordsOut += keptCount;
    boolean beginsHorizon = tombstoneKept && mayBeginHorizon(batch);
    if (keptCount == count && !beginsHorizon) {
      return null;
    }
    if (keptCount == 0 && !headerStays) {
      return nothing();
    }
    return rewrite(batch, beginsHorizon ? horizonMs : BatchRewriter.NO_HORIZON);
  }

  /** Markers say how a transaction ended, so they stay as long as records of it do. */
  private ByteBuffer filterMarker(BatchView batch, boolean headerStays) {
    boolean empty = transactions.endsEmpty(batch);
    int count = batch.recordCount();
    if (count == 0) {
      return headerStays ? null : nothing();
    }
    if (empty && isHorizonPast(batch)) {
      tombstonesEnd = batch.nextOffset();
      kept.clear();
      return headerStays ? rewrite(batch, BatchRewriter.NO_HORIZON) : nothing();
    }
    recordsOut += count;
    if (!empty || !mayBeginHorizon(batch)) {
      return null;
    }
    kept.set(0, count);
    return rewrite(batch, horizonMs);
  }

  /** Only when the keys reach past the batch has everything older gone with this cleaning. */
  private boolean mayBeginHorizon(BatchView batch) {
    return !batch.hasDeleteHorizon() && batch.nextOffset() <= keysEnd;
  }

  private boolean isHorizonPast(BatchView batch) {
    return batch.hasDeleteHorizon() && batch.baseTimestamp() <= nowMs;
  }

  /** Marks the records that stay. */
  private void decide(BatchView batch) {
    kept.clear();
    tombstoneKept = false;
    if (transactions.isAborted(batch)) {
      return;
    }
    boolean tombstonesStay = !isHorizonPast(batch);
    int first = 0;
    records.wrap(batch.buffer(), batch.offset());
    while (hashed.read(records)) {
      keys.prefetch(hashed);
      for (int i = 0; i < hashed.count(); i++) {
        if (!isLatest(i)) {
          continue;
        }
        if (hashed.hasValue(i) || tombstonesStay) {
          tombstoneKept |= !hashed.hasValue(i);
          kept.set(first + i);
        } else {
          tombstonesEnd = hashed.offset(i) + 1;
        }
      }
      first += hashed.count();
    }
  }

  /** A record without a key has no place in a compacted log; it may be of before that. */
  private boolean isLatest(int record) {
    long offset = hashed.offset(record);
    return offset >= keysEnd
        || (hashed.hasKey(record)
            && offset >= keys.latest(hashed.high(record), hashed.low(record)));
  }

  /** The batch with the records that are marked. */
  private ByteBuffer rewrite(BatchView batch, long horizon) {
    rewriter.begin(batch, horizon);
    records.wrap(batch.buffer(), batch.offset());
    int end = kept.length();
    for (int i = 0; i < end && records.next(); i++) {
      if (kept.get(i)) {
        rewriter.keep(records);
      }
    }
    return rewriter.finish();
  }

  private static ByteBuffer nothing() {
    return ByteBuffer.allocate(0);
  }

  @Override
  public void close() {
    records.close();
  }
}
