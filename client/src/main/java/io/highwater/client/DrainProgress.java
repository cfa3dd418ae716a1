package io.highwater.client;

import io.highwater.proto.TopicPartition;
import java.util.List;

/**
 * What a broker gives away.
 *
 * @param moves where its replicas go
 * @param stuck partitions whose replicas are on all other brokers already: they stay
 */
public record DrainProgress(List<ReplicaMove> moves, List<TopicPartition> stuck) {
  public DrainProgress {
    moves = List.copyOf(moves);
    stuck = List.copyOf(stuck);
  }
}
