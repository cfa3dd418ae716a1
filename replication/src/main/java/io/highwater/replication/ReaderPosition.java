package io.highwater.replication;

/**
 * Where a reader stands, with what it knows of how it came there.
 *
 * @param offset the next one that it wants
 * @param lastEpoch leader epoch of the record that it read before, or {@link #UNKNOWN}
 * @param offsetEpoch without that, the leader epoch in which it was told this offset: losses up to
 *     it are behind it; or {@link #UNKNOWN}
 */
public record ReaderPosition(long offset, int lastEpoch, int offsetEpoch) {
  /** Stands for an epoch that the reader does not know. */
  public static final int UNKNOWN = -1;
}
