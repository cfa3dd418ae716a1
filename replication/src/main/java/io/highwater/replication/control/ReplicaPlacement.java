package io.highwater.replication.control;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Chooses the replicas of new partitions: leaders go round the brokers, rack by rack, and each
 * further round shifts the followers by one, so that a dead broker's load spreads over all others.
 * A partition's replicas are in as many racks as possible, where every broker names its rack. Pure.
 */
public final class ReplicaPlacement {
  private final List<Integer> brokers;
  private final Map<Integer, String> racks = new HashMap<>();

  private ReplicaPlacement(ClusterImage image) {
    Map<String, List<Integer>> byRack = new TreeMap<>();
    List<BrokerRegistration> all =
        image.brokers().stream().filter(BrokerRegistration::placeable).toList();
    boolean racksKnown = all.stream().noneMatch(broker -> broker.rack().isEmpty());
    for (BrokerRegistration broker : all) {
      String rack = racksKnown ? broker.rack() : "";
      racks.put(broker.id(), rack);
      byRack.computeIfAbsent(rack, none -> new ArrayList<>()).add(broker.id());
    }
    brokers = alternating(byRack.values().stream().toList());
  }

  /**
   * Assigns brokers that are neither fenced nor stopping nor drained.
   *
   * @param first number of the first partition; those before it exist
   * @param partitions how many to place
   * @param start where the round begins, any number; it spreads small topics over the brokers
   * @return replicas of each partition, the preferred leader first
   * @throws HighwaterException INVALID_PARTITIONS or INVALID_REPLICATION_FACTOR when the brokers
   *     there are cannot carry it
   */
  public static List<List<Integer>> place(
      ClusterImage image, int first, int partitions, int replicationFactor, int start) {
    if (partitions < 1 || partitions > TopicRules.MAX_PARTITIONS - first) {
      throw new HighwaterException(
          ErrorCode.INVALID_PARTITIONS,
          "a topic has 1 to "
              + TopicRules.MAX_PARTITIONS
              + " partitions, not "
              + ((long) first + partitions));
    }
    ReplicaPlacement placement = new ReplicaPlacement(image);
    if (replicationFactor < 1 || replicationFactor > placement.brokers.size()) {
      throw new HighwaterException(
          ErrorCode.INVALID_REPLICATION_FACTOR,
          "replication factor "
              + replicationFactor
              + " is not possible with "
              + placement.brokers.size()
              + " available brokers");
    }
    List<List<Integer>> assignments = new ArrayList<>(partitions);
    for (int partition = first; partition < first + partitions; partition++) {
      assignments.add(placement.replicas(partition, replicationFactor, start));
    }
    return assignments;
  }

  /** The first of each rack, then the second of each, and so on. */
  private static List<Integer> alternating(List<List<Integer>> racks) {
    List<Integer> order = new ArrayList<>();
    int longest = racks.stream().mapToInt(List::size).max().orElse(0);
    for (int i = 0; i < longest; i++) {
      for (List<Integer> rack : racks) {
        if (i < rack.size()) {
          order.add(rack.get(i));
        }
      }
    }
    return order;
  }

  private List<Integer> replicas(int partition, int replicationFactor, int start) {
    int count = brokers.size();
    int first = (int) ((Math.floorMod(start, count) + (long) partition) % count);
    int shift = partition / count;
    List<Integer> replicas = new ArrayList<>(replicationFactor);
    replicas.add(brokers.get(first));
    while (replicas.size() < replicationFactor) {
      replicas.add(next(first, shift, replicas));
    }
    return replicas;
  }

  /** Of the brokers that are left, the nearest among those whose rack has the fewest replicas. */
  private int next(int first, int shift, List<Integer> chosen) {
    int count = brokers.size();
    int best = -1;
    long fewest = Long.MAX_VALUE;
    for (int i = 0; i < count - 1; i++) {
      int candidate = brokers.get((first + 1 + (shift + i) % (count - 1)) % count);
      if (!chosen.contains(candidate)) {
        String rack = racks.get(candidate);
        long inRack = chosen.stream().filter(id -> racks.get(id).equals(rack)).count();
        if (inRack < fewest) {
          fewest = inRack;
          best = candidate;
        }
      }
    }
    return best;
  }
}
