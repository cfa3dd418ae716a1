package io.highwater.log.producer;

/**
 * A batch that a producer has in the log.
 *
 * @param baseSequence of its first record
 * @param lastSequence of its last record, inclusive
 * @param baseOffset of its first record
 * @param lastOffset of its last record, inclusive
 * @param timestamp greatest of its records, ms since 1970
 */
public record ProducedBatch(
    int baseSequence, int lastSequence, long baseOffset, long lastOffset, long timestamp) {}
