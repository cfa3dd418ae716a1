package io.highwater.log;

/**
 * The answer to a search by time.
 *
 * @param timestamp of the record found, ms since 1970
 * @param offset of the record found
 * @param leaderEpoch of its batch
 */
public record OffsetAtTimestamp(long timestamp, long offset, int leaderEpoch) {}
