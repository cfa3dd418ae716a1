package io.highwater.client;

import io.highwater.proto.TopicPartition;
import java.util.List;
import java.util.Objects;

/**
 * A partition on its way to other replicas.
 *
 * @param partition which
 * @param from its replicas before, the preferred leader first; may be empty where it is only asked
 *     for
 * @param to its replicas afterwards
 */
public record ReplicaMove(TopicPartition partition, List<Integer> from, List<Integer> to) {
  public ReplicaMove {
    Objects.requireNonNull(partition, "partition");
    from = List.copyOf(from);
    to = List.copyOf(to);
  }
}
