package io.highwater.log.append;

import io.highwater.log.LogConfig;
import io.highwater.log.index.OffsetIndex;

/** Decides when a segment ends. Pure. */
public final class RollPolicy {
  private RollPolicy() {}

  /**
   * Oldest age of a segment that is written, ms: what is to be compacted in time cannot stay in the
   * tail longer.
   */
  public static long rollMs(LogConfig config) {
    return config.compaction().enabled()
        ? Math.min(config.rollMs(), config.compaction().maxLagMs())
        : config.rollMs();
  }

  /**
   * By these settings, whether a batch must begin a new segment. An empty segment takes any batch
   * that is not too far off for its indexes.
   *
   * @param segmentSize bytes in the segment now
   * @param indexBytes bytes of its offset index now
   * @param ageMs since its first append
   * @param batchBytes of the batch
   * @param relativeLastOffset last offset of the batch less the base offset of the segment
   */
  static boolean mustRoll(
      LogConfig config,
      int segmentSize,
      int indexBytes,
      long ageMs,
      int batchBytes,
      long relativeLastOffset) {
    if (relativeLastOffset > Integer.MAX_VALUE) {
      return true;
    }
    return segmentSize > 0
        && ((long) segmentSize + batchBytes > config.segmentBytes()
            || ageMs >= rollMs(config)
            || indexBytes + OffsetIndex.ENTRY_BYTES > config.maxIndexBytes());
  }
}
