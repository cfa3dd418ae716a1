package io.highwater.client;

/**
 * Committed records that may be lost.
 *
 * @param partition its number
 * @param leaderEpoch the epoch that began with the loss
 * @param fromOffset the first offset that may be lost, -1 when it is not known
 * @param endOffset exclusive end of what is known to have been there, -1 when nothing is known to
 *     be missing; equal to {@code fromOffset} when nothing is lost
 * @param cause how it came to that
 * @param text for people
 * @param acknowledged whether an operator knows of it
 */
public record RecordLoss(
    int partition,
    int leaderEpoch,
    long fromOffset,
    long endOffset,
    Cause cause,
    String text,
    boolean acknowledged) {

  /** How it came to a loss. */
  public enum Cause {
    /** Whoever was there was elected, by an operator's word or the topic's setting. */
    UNCLEAN_ELECTION,
    /**
     * Every candidate had restarted uncleanly or been offline, and the longest log that was left
     * was elected.
     */
    ALL_UNCLEAN,
    /** A replica held what its leader lacks, and no election had told of that. */
    FOUND_MISSING,
    /**
     * As {@link #ALL_UNCLEAN}, but all were only killed: nothing is missing unless log files were
     * replaced or removed before the restart.
     */
    ALL_KILLED
  }

  /** Whether nothing is lost all the same: every acknowledged record was on a disk. */
  public boolean isNone() {
    return fromOffset >= 0 && fromOffset == endOffset;
  }

  /** Whether an operator still has to know of it. */
  public boolean isOpen() {
    return !isHarmless() && !acknowledged;
  }

  /** Whether nothing speaks for anything to be missing, so that it counts as no loss. */
  public boolean isHarmless() {
    return isNone() || cause == Cause.ALL_KILLED;
  }
}
