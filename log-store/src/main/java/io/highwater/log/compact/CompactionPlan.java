package io.highwater.log.compact;

import io.highwater.log.segment.SegmentSummary;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Which part of a log a cleaning may touch, and how much it is worth. Pure.
 *
 * @param startOffset base of the first segment that is there
 * @param firstDirtyOffset everything below it was cleaned before
 * @param endOffset exclusive end of the last segment that may be cleaned
 * @param cleanBytes of the segments below the first dirty offset
 * @param dirtyBytes of the segments between it and the end
 * @param overdue whether a dirty record is older than {@code max.compaction.lag.ms}
 */
public record CompactionPlan(
    long startOffset,
    long firstDirtyOffset,
    long endOffset,
    long cleanBytes,
    long dirtyBytes,
    boolean overdue) {

  /**
   * Looks at a log. Cleaned are whole segments that are not the active one, lie below both the last
   * stable offset and the high watermark (CMP-2) and had their last append {@code
   * min.compaction.lag.ms} ago by the broker's clock. The first that must stay ends the part.
   *
   * @param sealed all segments but the active one, ascending
   * @param stableEnd the smaller of last stable offset and high watermark
   * @param cleanedTo what was cleaned up to, as far as is known; anything outside of the log counts
   *     as nothing
   * @param firstAppendMs when a segment had its first append, by the broker's clock; asked only
   *     where {@code max.compaction.lag.ms} is set
   */
  public static CompactionPlan of(
      List<SegmentSummary> sealed,
      long stableEnd,
      long cleanedTo,
      long nowMs,
      CompactionConfig config,
      ToLongFunction<SegmentSummary> firstAppendMs) {
    long start = sealed.isEmpty() ? stableEnd : sealed.get(0).baseOffset();
    long firstDirty = start;
    if (!sealed.isEmpty() && cleanedTo <= sealed.get(sealed.size() - 1).endOffset()) {
      firstDirty = Math.max(start, cleanedTo);
    }
    long end = start;
    long cleanBytes = 0;
    long dirtyBytes = 0;
    boolean overdue = false;
    for (SegmentSummary segment : sealed) {
      if (segment.endOffset() <= firstDirty) {
        cleanBytes += segment.sizeInBytes();
      } else if (segment.endOffset() <= stableEnd
          && nowMs - segment.lastAppendMs() >= config.minLagMs()) {
        dirtyBytes += segment.sizeInBytes();
        overdue =
            overdue
                || (config.maxLagMs() != Long.MAX_VALUE
                    && nowMs - firstAppendMs.applyAsLong(segment) > config.maxLagMs());
      } else {
        break;
      }
      end = segment.endOffset();
    }
    return new CompactionPlan(
        start, Math.min(firstDirty, end), end, cleanBytes, dirtyBytes, overdue);
  }

  /**
   * The part of what may be touched that was not cleaned yet, in bytes; 0 when there is nothing.
   */
  public double dirtyRatio() {
    return dirtyBytes == 0 ? 0 : (double) dirtyBytes / (cleanBytes + dirtyBytes);
  }

  /** Whether a cleaning is due. */
  public boolean isDue(CompactionConfig config) {
    return config.enabled()
        && dirtyBytes > 0
        && (overdue || dirtyRatio() >= config.minDirtyRatio());
  }
}
