package io.highwater.client;

import io.highwater.proto.TopicPartition;

/**
 * A deletion of a partition's oldest records.
 *
 * @param partition which partition
 * @param leaderEpoch the epoch that the caller believes in, or -1
 * @param beforeOffset the first offset that stays; {@link #ALL_COMMITTED}: the high watermark
 * @param dryRun only says what would go
 */
public record RecordDeletion(
    TopicPartition partition, int leaderEpoch, long beforeOffset, boolean dryRun) {
  /** Everything that is committed goes. */
  public static final long ALL_COMMITTED = -1;
}
