package io.highwater.client;

/**
 * Where a partition's log stands, as its leader tells with every answer.
 *
 * @param leaderEpoch of the leader
 * @param logStartOffset first offset that can be read
 * @param highWatermark first offset that is not committed
 * @param lastStableOffset first offset that a read_committed consumer may not see yet
 */
public record LogStatus(
    int leaderEpoch, long logStartOffset, long highWatermark, long lastStableOffset) {}
