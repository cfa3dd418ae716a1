package io.highwater.log.index;

/**
 * A transaction that was aborted: its records are there, yet no reader of committed data wants
 * them. An entry of Kafka's {@code .txnindex}.
 *
 * @param producerId whose records they are
 * @param firstOffset of its records
 * @param lastOffset offset of the marker that aborted it; what the producer wrote in between is
 *     aborted
 * @param lastStableOffset of the log once it was aborted, disregarding the high watermark: no later
 *     entry's transaction began below it
 */
public record AbortedTransaction(
    long producerId, long firstOffset, long lastOffset, long lastStableOffset) {}
