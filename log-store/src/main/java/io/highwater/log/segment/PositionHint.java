package io.highwater.log.segment;

import io.highwater.proto.record.BatchView;

/**
 * A place in a segment's file and what must be there. It may be wrong, so it is held against the
 * batch found (STO-5); and the batch against it, because the CRC does not cover its base offset
 * (STO-4).
 *
 * @param baseOffset of the batch, or {@link #UNKNOWN}
 * @param lastOffset of the batch, or {@link #UNKNOWN}
 * @param position where it begins
 */
public record PositionHint(long baseOffset, long lastOffset, int position) {
  /** Stands for an offset that the hint does not say. */
  public static final long UNKNOWN = -1;

  /**
   * Whether a batch at the position is the one meant.
   *
   * @param gaps whether a segment's first batch may begin above the segment's base
   */
  public boolean matches(BatchView batch, boolean gaps) {
    return (baseOffset == UNKNOWN
            || batch.baseOffset() == baseOffset
            || (gaps && position == 0 && batch.baseOffset() > baseOffset))
        && (lastOffset == UNKNOWN || batch.lastOffset() == lastOffset);
  }
}
