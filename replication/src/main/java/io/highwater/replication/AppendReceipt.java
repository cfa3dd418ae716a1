package io.highwater.replication;

/**
 * A durability receipt: where a batch is, and on how many replicas and disks.
 *
 * @param baseOffset offset of its first record
 * @param lastOffset offset of its last record
 * @param replicas replicas known to hold it, the leader included
 * @param fsynced how many of these are known to have fsynced it
 * @param duplicate it was there already: an earlier try had succeeded (IDM-2)
 * @param status the log when the receipt was written
 */
public record AppendReceipt(
    long baseOffset,
    long lastOffset,
    int replicas,
    int fsynced,
    boolean duplicate,
    LogStatus status) {}
