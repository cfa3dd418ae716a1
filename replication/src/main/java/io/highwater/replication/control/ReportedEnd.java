package io.highwater.replication.control;

/**
 * How far a replica's log reaches, as told by it in its present registration (ISR-4). One that is
 * damaged tells what it knew to be committed.
 *
 * @param brokerId who told
 * @param lastEpoch leader epoch of its last record, or -1 when it has none, or is damaged and does
 *     not know
 * @param logEndOffset next offset it would write, or -1 when the log is only being fetched again
 * @param highWatermark what it last knew to be committed, above its end when that is gone; {@link
 *     #UNKNOWN} when it did not tell
 */
public record ReportedEnd(int brokerId, int lastEpoch, long logEndOffset, long highWatermark) {
  /** Stands for a high watermark that was not told. */
  static final long UNKNOWN = -1;

  /** Whether it says anything of what was committed. */
  boolean isTelling() {
    return logEndOffset >= 0;
  }

  /** Whether this log reaches farther than the other: by epoch first, then by offset. */
  public boolean longerThan(ReportedEnd other) {
    return lastEpoch != other.lastEpoch
        ? lastEpoch > other.lastEpoch
        : logEndOffset > other.logEndOffset;
  }
}
