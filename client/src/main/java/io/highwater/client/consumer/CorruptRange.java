package io.highwater.client.consumer;

import io.highwater.proto.TopicPartition;

/**
 * Offsets of a stored batch whose records cannot be read: brokers refuse such batches, but a log
 * may hold some from before, or from a topic with {@code records.validation=header}.
 *
 * @param partition where
 * @param from the first offset, inclusive
 * @param to exclusive end
 * @param cause for people
 */
public record CorruptRange(TopicPartition partition, long from, long to, String cause) {}
