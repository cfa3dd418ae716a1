package io.highwater.server.produce;

import io.highwater.proto.Acks;
import io.highwater.proto.TopicIdPartition;

/**
 * What a client asks for with one batch.
 *
 * @param partition where it goes
 * @param leaderEpoch the epoch that the client believes in, or -1
 * @param acks which replicas must have it before the answer
 * @param timeoutMs how long the answer may take; 0 means the broker's request.timeout.ms
 */
public record Append(TopicIdPartition partition, int leaderEpoch, Acks acks, int timeoutMs) {}
