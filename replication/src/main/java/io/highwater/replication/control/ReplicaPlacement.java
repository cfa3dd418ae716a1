package io.highwater.replication.control;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.util.ArrayList;
import java.util.List;

/**
 * Chooses the replicas of a new topic: leaders go round the brokers, and each further round shifts
 * the followers by one, so that a dead broker's load spreads over all others. Pure.
 */
public final class ReplicaPlacement {
  private ReplicaPlacement() {}

  /**
   * Assigns brokers that are neither fenced nor stopping.
   *
   * @param start where the round begins, any number; it spreads small topics over the brokers
   * @return replicas of each partition, the preferred leader first
   * @throws HighwaterException INVALID_PARTITIONS or INVALID_REPLICATION_FACTOR when the brokers
   *     there are cannot carry it
   */
  public static List<List<Integer>> place(
      ClusterImage image, int partitions, int replicationFactor, int start) {
    List<Integer> brokers =
        image.brokers().stream()
            .filter(BrokerRegistration::electable)
            .map(BrokerRegistration::id)
            .toList();
    if (partitions < 1 || partitions > TopicRules.MAX_PARTITIONS) {
      throw new HighwaterException(
          ErrorCode.INVALID_PARTITIONS,
          "a topic has 1 to " + TopicRules.MAX_PARTITIONS + " partitions, not " + partitions);
    }
    if (replicationFactor < 1 || replicationFactor > brokers.size()) {
      throw new HighwaterException(
          ErrorCode.INVALID_REPLICATION_FACTOR,
          "replication factor "
              + replicationFactor
              + " is not possible with "
              + brokers.size()
              + " available brokers");
    }
    List<List<Integer>> assignments = new ArrayList<>(partitions);
    for (int partition = 0; partition < partitions; partition++) {
      assignments.add(replicas(brokers, partition, replicationFactor, start));
    }
    return assignments;
  }

  private static List<Integer> replicas(
      List<Integer> brokers, int partition, int replicationFactor, int start) {
    int count = brokers.size();
    int first = (Math.floorMod(start, count) + partition) % count;
    List<Integer> replicas = new ArrayList<>(replicationFactor);
    replicas.add(brokers.get(first));
    int shift = count == 1 ? 0 : partition / count;
    for (int i = 0; i < replicationFactor - 1; i++) {
      int distance = 1 + (shift + i) % (count - 1);
      replicas.add(brokers.get((first + distance) % count));
    }
    return replicas;
  }
}
