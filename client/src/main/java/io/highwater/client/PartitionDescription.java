package io.highwater.client;

import java.util.List;

/**
 * A partition as the control plane sees it.
 *
 * @param partition its number, from 0
 * @param leaderId node id of the leader, or -1 when there is none
 * @param leaderEpoch of that decision
 * @param replicas node ids of all assigned replicas, the preferred leader first
 * @param inSyncReplicas of these, the ones in sync
 * @param partitionEpoch version of this description
 * @param eligibleLeaderReplicas replicas out of sync that may still be elected (KIP-966)
 * @param addingReplicas of the replicas, those that a reassignment under way adds
 * @param removingReplicas of the replicas, those that go when it is done
 * @param leaderlessReason why nobody leads it, for people; empty when somebody does
 * @param fullReplicas replicas that left the in-sync set because their disks are full, until they
 *     are in it again
 */
public record PartitionDescription(
    int partition,
    int leaderId,
    int leaderEpoch,
    List<Integer> replicas,
    List<Integer> inSyncReplicas,
    int partitionEpoch,
    List<Integer> eligibleLeaderReplicas,
    List<Integer> addingReplicas,
    List<Integer> removingReplicas,
    String leaderlessReason,
    List<Integer> fullReplicas) {
  /** Stands for no leader. */
  public static final int NO_LEADER = -1;

  public PartitionDescription {
    replicas = List.copyOf(replicas);
    inSyncReplicas = List.copyOf(inSyncReplicas);
    eligibleLeaderReplicas = List.copyOf(eligibleLeaderReplicas);
    addingReplicas = List.copyOf(addingReplicas);
    removingReplicas = List.copyOf(removingReplicas);
    fullReplicas = List.copyOf(fullReplicas);
  }

  /** Without a reassignment under way. */
  public PartitionDescription(
      int partition,
      int leaderId,
      int leaderEpoch,
      List<Integer> replicas,
      List<Integer> inSyncReplicas,
      int partitionEpoch,
      List<Integer> eligibleLeaderReplicas) {
    this(
        partition,
        leaderId,
        leaderEpoch,
        replicas,
        inSyncReplicas,
        partitionEpoch,
        eligibleLeaderReplicas,
        List.of(),
        List.of(),
        "",
        List.of());
  }

  /** The replicas that it has, or will have when what is under way is done. */
  public List<Integer> targetReplicas() {
    return replicas.stream().filter(id -> !removingReplicas.contains(id)).toList();
  }

  /** Whether it is on its way to other replicas. */
  public boolean isMoving() {
    return !addingReplicas.isEmpty() || !removingReplicas.isEmpty();
  }

  /** Whether somebody leads it. */
  public boolean hasLeader() {
    return leaderId != NO_LEADER;
  }
}
