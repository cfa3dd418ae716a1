package io.highwater.client;

/**
 * Where an offset was found.
 *
 * @param offset the offset, or -1 when no record is as late as the timestamp asked for
 * @param timestamp of the record found by timestamp, ms since 1970; else -1
 * @param leaderEpoch of the leader that answered
 * @param logStartOffset first offset that can be read
 * @param highWatermark first offset that is not committed
 */
public record OffsetListing(
    long offset, long timestamp, int leaderEpoch, long logStartOffset, long highWatermark) {
  /** Stands for no such record. */
  public static final long NOT_FOUND = -1;
}
