package io.highwater.client;

/**
 * What a deletion of a partition's oldest records took away, or would take.
 *
 * @param previousLogStartOffset where the log began before
 * @param logStartOffset where it begins then
 * @param segments whose files go
 * @param bytes of their logs
 */
public record DeletedRecords(
    long previousLogStartOffset, long logStartOffset, int segments, long bytes) {}
