package io.highwater.client;

/**
 * How far one replica of a partition is, as its leader knows it.
 *
 * @param nodeId the broker
 * @param logEndOffset end of its log, or -1 when the leader has not heard of it
 * @param inSync whether it is in sync
 * @param missingRecords offsets that it lacks
 * @param missingBytes of the leader's log, about
 * @param paused whether it waits, being added, because producers wait too long
 */
public record ReplicaLag(
    int nodeId,
    long logEndOffset,
    boolean inSync,
    long missingRecords,
    long missingBytes,
    boolean paused) {}
