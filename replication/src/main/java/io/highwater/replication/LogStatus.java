package io.highwater.replication;

/**
 * Where one partition's log stands; on every answer that touches it.
 *
 * @param leaderEpoch the replica's leader epoch
 * @param logStartOffset offset of the first record that can be read
 * @param highWatermark first offset that is not known to be committed
 * @param lastStableOffset first offset that a read_committed consumer may not see yet
 */
public record LogStatus(
    int leaderEpoch, long logStartOffset, long highWatermark, long lastStableOffset) {}
