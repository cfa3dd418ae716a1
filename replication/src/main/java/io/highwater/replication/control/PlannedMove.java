package io.highwater.replication.control;

import io.highwater.proto.TopicIdPartition;
import java.util.List;

/**
 * One partition's part in a plan.
 *
 * @param partition which
 * @param from its replicas before, the preferred leader first
 * @param to its replicas afterwards
 */
public record PlannedMove(TopicIdPartition partition, List<Integer> from, List<Integer> to) {
  public PlannedMove {
    from = List.copyOf(from);
    to = List.copyOf(to);
  }

  /** Whether nothing but the order changes: another replica becomes the preferred leader. */
  public boolean movesNoData() {
    return from.size() == to.size() && from.containsAll(to);
  }
}
