package io.highwater.client;

/**
 * Committed records that an unclean election may have lost.
 *
 * @param partition its number
 * @param leaderEpoch the epoch that began with the election
 * @param fromOffset the first offset that may be lost, -1 when it is not known
 * @param endOffset exclusive end of what is known to have been there, -1 when it is not known
 */
public record RecordLoss(int partition, int leaderEpoch, long fromOffset, long endOffset) {}
