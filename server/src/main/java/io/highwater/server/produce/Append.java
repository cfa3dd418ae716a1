package io.highwater.server.produce;

import io.highwater.proto.Acks;
import io.highwater.proto.TopicIdPartition;

/**
 * What a client asks for with one batch.
 *
 * @param partition where it goes
 * @param leaderEpoch the epoch that the client believes in, or {@link #ANY_EPOCH}
 * @param acks which replicas must have it before the answer
 * @param timeoutMs how long the answer may take; 0 means the broker's request.timeout.ms
 */
public record Append(TopicIdPartition partition, int leaderEpoch, Acks acks, int timeoutMs) {
  /** Stands for whatever epoch the leader is in. */
  public static final int ANY_EPOCH = -1;

  /** The same in another epoch. */
  public Append in(int epoch) {
    return new Append(partition, epoch, acks, timeoutMs);
  }
}
