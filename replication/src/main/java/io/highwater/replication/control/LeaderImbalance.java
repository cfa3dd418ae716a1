package io.highwater.replication.control;

import io.highwater.proto.TopicIdPartition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which leaderships should go back to preferred leaders. Pure. */
public final class LeaderImbalance {
  private LeaderImbalance() {}

  /**
   * The partitions whose preferred leader could lead, but does not, of those brokers of whose
   * preferred leaderships more than a share is with others.
   *
   * @param percentage that share, of a hundred
   * @param limit the most partitions to name
   */
  public static List<TopicIdPartition> of(ClusterImage image, int percentage, int limit) {
    Map<Integer, Integer> preferredOf = new HashMap<>();
    Map<Integer, List<TopicIdPartition>> missing = new HashMap<>();
    for (TopicImage topic : image.topics()) {
      for (PartitionImage partition : topic.partitions()) {
        int preferred = partition.replicas().get(0);
        preferredOf.merge(preferred, 1, Integer::sum);
        if (partition.hasLeader()
            && partition.leader() != preferred
            && partition.isr().contains(preferred)
            && image.broker(preferred).placeable()) {
          missing
              .computeIfAbsent(preferred, none -> new ArrayList<>())
              .add(topic.idOf(partition.partition()));
        }
      }
    }
    return missing.entrySet().stream()
        .filter(e -> 100L * e.getValue().size() > (long) percentage * preferredOf.get(e.getKey()))
        .flatMap(e -> e.getValue().stream())
        .limit(limit)
        .toList();
  }
}
