package io.highwater.log.segment;

import io.highwater.log.index.OffsetIndex;
import io.highwater.log.index.SegmentIndexes;
import io.highwater.log.index.TimeIndex;
import io.highwater.log.index.TransactionIndex;
import io.highwater.log.io.StorageFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The open file and the loaded indexes of a segment, counted: the segment holds one reference while
 * it keeps them open, each reader one while it reads. The file is closed with the last.
 */
public final class SegmentData {
  private static final int OVERHEAD_BYTES = 4096;

  private final StorageFile log;
  private final SegmentIndexes indexes;
  private final AtomicInteger references = new AtomicInteger(1);

  SegmentData(StorageFile log, SegmentIndexes indexes) {
    this.log = log;
    this.indexes = indexes;
  }

  /** The log file; valid while the reference is held. */
  public StorageFile log() {
    return log;
  }

  /** Offset &rarr; position hints. */
  public OffsetIndex offsets() {
    return indexes.offsets();
  }

  /** Timestamp &rarr; offset hints. */
  public TimeIndex times() {
    return indexes.times();
  }

  /** Greatest timestamp of the segment, ms since 1970; {@link Long#MIN_VALUE} without batches. */
  public long maxTimestamp() {
    return indexes.maxTimestamp();
  }

  /** What markers in the segment aborted. */
  public TransactionIndex transactions() {
    return indexes.transactions();
  }

  /** All indexes, for the writer. */
  SegmentIndexes indexes() {
    return indexes;
  }

  /** Memory that keeping this open costs, roughly. */
  int weight() {
    return OVERHEAD_BYTES
        + indexes.offsets().count() * OffsetIndex.ENTRY_BYTES
        + indexes.times().count() * TimeIndex.ENTRY_BYTES
        + indexes.transactions().entries().size() * TransactionIndex.ENTRY_BYTES;
  }

  /** Takes a reference; false when the file is closed already. */
  boolean retain() {
    while (true) {
      int held = references.get();
      if (held == 0) {
        return false;
      }
      if (references.compareAndSet(held, held + 1)) {
        return true;
      }
    }
  }

  /** Gives a reference back. */
  public void release() {
    if (references.decrementAndGet() == 0) {
      try {
        log.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
