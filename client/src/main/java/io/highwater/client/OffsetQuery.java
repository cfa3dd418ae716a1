package io.highwater.client;

import io.highwater.proto.TopicPartition;

/**
 * A question to a partition's leader.
 *
 * @param partition which partition
 * @param leaderEpoch the epoch that the asker believes in, or -1
 * @param spec which offset
 */
public record OffsetQuery(TopicPartition partition, int leaderEpoch, OffsetSpec spec) {}
