package io.highwater.log.append;

import io.highwater.log.LogConfig;
import io.highwater.log.index.OffsetIndex;

/** Decides when a segment ends. Pure. */
public final class RollPolicy {
  private final LogConfig config;

  /** Decides by these settings. */
  public RollPolicy(LogConfig config) {
    this.config = config;
  }

  /**
   * Whether a batch must begin a new segment. An empty segment takes any batch.
   *
   * @param segmentSize bytes in the segment now
   * @param indexBytes bytes of its offset index now
   * @param ageMs since its first append
   * @param batchBytes of the batch
   * @param relativeLastOffset last offset of the batch less the base offset of the segment
   */
  public boolean mustRoll(
      int segmentSize, int indexBytes, long ageMs, int batchBytes, long relativeLastOffset) {
    return segmentSize > 0
        && ((long) segmentSize + batchBytes > config.segmentBytes()
            || ageMs >= config.rollMs()
            || indexBytes + OffsetIndex.ENTRY_BYTES > config.maxIndexBytes()
            || relativeLastOffset > Integer.MAX_VALUE);
  }
}
