package io.highwater.log.compact;

import io.highwater.log.producer.ProducedBatch;
import io.highwater.log.producer.ProducerState;
import io.highwater.log.producer.ProducerStates;
import io.highwater.proto.record.BatchView;
import org.agrona.collections.LongHashSet;

/**
 * The batches that idempotent producers may still refer to: the last five of each (CMP-4, IDM-2).
 * Their headers stay even when no record does, so that every replica gives the same verdict about a
 * retry, also one that learnt of the producer from the compacted log alone. Never changed.
 */
public final class LiveBatches {
  /** Of a log without producers. */
  public static final LiveBatches NONE = new LiveBatches(new LongHashSet(), Long.MAX_VALUE);

  private final LongHashSet lastOffsets;
  private final long logEndOffset;

  private LiveBatches(LongHashSet lastOffsets, long logEndOffset) {
    this.lastOffsets = lastOffsets;
    this.logEndOffset = logEndOffset;
  }

  /**
   * Takes note of what is known now; on the owner thread of {@code producers}.
   *
   * @param logEndOffset of the log now
   */
  public static LiveBatches of(ProducerStates producers, long logEndOffset) {
    LongHashSet lastOffsets = new LongHashSet();
    for (ProducerState producer : producers.all()) {
      for (ProducedBatch batch : producer.batches()) {
        lastOffsets.add(batch.lastOffset());
      }
    }
    return new LiveBatches(lastOffsets, logEndOffset);
  }

  /** What was appended from here on is not known to this, and must not be cleaned with it. */
  long logEndOffset() {
    return logEndOffset;
  }

  /** Whether this batch's header must stay. */
  boolean contains(BatchView batch) {
    return batch.hasProducerId() && lastOffsets.contains(batch.lastOffset());
  }
}
