package io.highwater.client.consumer;

/**
 * A position to keep, and to come back to: with the epoch the cluster knows, however much later,
 * whether all that was read before it is in the log still.
 *
 * @param offset of the next record, from 0
 * @param leaderEpoch of the record before it, or {@link #UNKNOWN_EPOCH}
 */
public record OffsetAndEpoch(long offset, int leaderEpoch) {
  /** Stands for an epoch that is not known. */
  public static final int UNKNOWN_EPOCH = -1;

  public OffsetAndEpoch {
    if (offset < 0) {
      throw new IllegalArgumentException("offset " + offset + " is negative");
    }
  }
}
