package io.highwater.replication.core;

import java.util.List;

/**
 * What the control plane has committed about one partition.
 *
 * @param replicas broker ids that hold it, preferred leader first
 * @param isr committed in-sync replicas
 * @param leader broker id, or -1 when there is none
 * @param leaderEpoch raised whenever a leader is chosen (LEP-1)
 * @param partitionEpoch version of this assignment; raised by every change (ISR-2)
 * @param minInsyncReplicas in-sync replicas without which nothing is committed, at most the number
 *     of replicas
 */
public record PartitionAssignment(
    List<Integer> replicas,
    List<Integer> isr,
    int leader,
    int leaderEpoch,
    int partitionEpoch,
    int minInsyncReplicas) {
  public PartitionAssignment {
    replicas = List.copyOf(replicas);
    isr = List.copyOf(isr);
    minInsyncReplicas = Math.min(minInsyncReplicas, replicas.size());
  }
}
