package io.highwater.server.partition;

/**
 * Where a partition's leader takes clients, told with a refusal so that the client heals without
 * another call.
 *
 * @param nodeId the leader
 * @param host of its CLIENTS listener
 * @param port of its CLIENTS listener
 * @param leaderEpoch the epoch in which it leads
 */
public record LeaderHint(int nodeId, String host, int port, int leaderEpoch) {}
