package io.highwater.replication.control;

/**
 * How far a replica's log reaches, as told by it in its present registration (ISR-4).
 *
 * @param brokerId who told
 * @param lastEpoch leader epoch of its last record, or -1 when it has none
 * @param logEndOffset next offset it would write
 */
public record ReportedEnd(int brokerId, int lastEpoch, long logEndOffset) {

  /**
   * Whether electing a log that ends at {@code other} would lose what this one has, or, when its
   * replica is damaged and named no epoch, is known to have had.
   */
  boolean reachesBeyond(ReportedEnd other) {
    return lastEpoch < 0 ? logEndOffset > other.logEndOffset : longerThan(other);
  }

  /** Whether this log reaches farther than the other: by epoch first, then by offset. */
  public boolean longerThan(ReportedEnd other) {
    return lastEpoch != other.lastEpoch
        ? lastEpoch > other.lastEpoch
        : logEndOffset > other.logEndOffset;
  }
}
