package io.highwater.replication.control;

import io.highwater.proto.TopicIdPartition;
import java.util.ArrayList;
import java.util.List;

/**
 * How a broker gets rid of its replicas: each goes to the broker with the fewest, and to another
 * rack than its companions where there is one. Pure.
 *
 * @param moves in the order of the topics' names
 * @param stuck partitions whose replicas are on all other brokers already
 */
public record DrainPlan(List<PlannedMove> moves, List<TopicIdPartition> stuck) {
  public DrainPlan {
    moves = List.copyOf(moves);
    stuck = List.copyOf(stuck);
  }

  /** The plan for a broker, whether or not it is being drained already. */
  public static DrainPlan of(ClusterImage image, int brokerId) {
    ReplicaLoads loads = new ReplicaLoads(image);
    List<TopicIdPartition> stuck = new ArrayList<>();
    for (TopicIdPartition id : loads.partitions()) {
      List<Integer> replicas = loads.replicasOf(id);
      if (replicas.contains(brokerId)) {
        List<Integer> best = best(loads, replicas, brokerId);
        if (best == null) {
          stuck.add(id);
        } else {
          loads.put(id, best);
        }
      }
    }
    return new DrainPlan(loads.moves(), stuck);
  }

  private static List<Integer> best(ReplicaLoads loads, List<Integer> replicas, int brokerId) {
    List<Integer> best = null;
    long bestRacks = 0;
    int bestLoad = 0;
    for (int candidate : loads.replicas().keySet()) {
      if (candidate == brokerId || replicas.contains(candidate)) {
        continue;
      }
      List<Integer> next = ReplicaLoads.replaced(replicas, brokerId, candidate);
      long racks = loads.racksOf(next);
      int load = loads.replicas().get(candidate);
      if (best == null || racks > bestRacks || (racks == bestRacks && load < bestLoad)) {
        best = next;
        bestRacks = racks;
        bestLoad = load;
      }
    }
    return best;
  }
}
