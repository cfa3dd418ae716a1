package io.highwater.log;

/**
 * Where a batch is in the log.
 *
 * @param baseOffset of its first record
 * @param lastOffset of its last record, inclusive
 * @param duplicate true when the batch was there already and nothing was appended (IDM-2)
 */
public record AppendResult(long baseOffset, long lastOffset, boolean duplicate) {}
