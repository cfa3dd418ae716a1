package io.highwater.replication.control;

/**
 * How far the committed log is known to have reached, from replicas that cannot be served (ISR-4).
 * It outlives the registrations of those who told.
 *
 * @param lastEpoch leader epoch of the last committed record, or -1 when not known
 * @param endOffset exclusive; 0 when nothing is known
 */
public record CommittedEnd(int lastEpoch, long endOffset) {
  /** Nobody told anything. */
  public static final CommittedEnd UNKNOWN = new CommittedEnd(-1, 0);

  /** Both as one: along the committed log epochs and offsets grow together. */
  CommittedEnd and(int otherLastEpoch, long otherEndOffset) {
    return new CommittedEnd(
        Math.max(lastEpoch, otherLastEpoch), Math.max(endOffset, otherEndOffset));
  }

  /** Whether a log that ends there may have all of it; one of an earlier epoch does not. */
  boolean isIn(ReportedEnd log) {
    return log.lastEpoch() >= lastEpoch && log.logEndOffset() >= endOffset;
  }
}
