package io.highwater.replication.control;

import io.highwater.proto.TopicIdPartition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Evens out how many replicas and preferred leaders brokers have, with few moves: always from one
 * that has most to one that has at least two fewer, never into fewer racks. Pure.
 */
public final class BalancePlan {
  private final ReplicaLoads loads;

  private BalancePlan(ClusterImage image) {
    this.loads = new ReplicaLoads(image);
  }

  /** What is to be moved; empty when all is even, or cannot be made so. */
  public static List<PlannedMove> of(ClusterImage image) {
    BalancePlan plan = new BalancePlan(image);
    while (plan.evenReplicas()) {}
    while (plan.evenLeaders()) {}
    return plan.loads.moves();
  }

  private interface Step {
    boolean take(int from, int to);
  }

  private boolean evenReplicas() {
    return even(loads.replicas(), this::moveReplica);
  }

  private boolean evenLeaders() {
    return even(loads.leaders(), this::moveLeader);
  }

  /** One step between brokers that differ by two at least; each brings the end nearer. */
  private static boolean even(Map<Integer, Integer> counts, Step step) {
    List<Integer> brokers = new ArrayList<>(counts.keySet());
    brokers.sort(Comparator.comparing(counts::get));
    for (int high = brokers.size() - 1; high > 0; high--) {
      for (int low = 0; low < high; low++) {
        int from = brokers.get(high);
        int to = brokers.get(low);
        if (counts.get(from) - counts.get(to) >= 2 && step.take(from, to)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean moveReplica(int from, int to) {
    for (TopicIdPartition id : loads.partitions()) {
      List<Integer> replicas = loads.replicasOf(id);
      if (replicas.contains(from) && !replicas.contains(to)) {
        List<Integer> next = ReplicaLoads.replaced(replicas, from, to);
        if (loads.racksOf(next) >= loads.racksOf(replicas)) {
          loads.put(id, next);
          return true;
        }
      }
    }
    return false;
  }

  private boolean moveLeader(int from, int to) {
    for (TopicIdPartition id : loads.partitions()) {
      List<Integer> replicas = loads.replicasOf(id);
      if (replicas.get(0) == from && replicas.contains(to)) {
        List<Integer> next = new ArrayList<>(replicas);
        next.remove(Integer.valueOf(to));
        next.add(0, to);
        loads.put(id, next);
        return true;
      }
    }
    return false;
  }
}
