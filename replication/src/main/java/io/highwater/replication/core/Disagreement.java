package io.highwater.replication.core;

import java.util.HashSet;
import java.util.Set;

/**
 * Which side counts where a follower holds something else than its leader, in one leader epoch
 * (REP-9): the majority of the replicas. While neither side has one, a follower in the in-sync set
 * waits, for it had as good a claim to lead; another one yields.
 */
final class Disagreement {
  private final Set<Integer> agreeing = new HashSet<>();
  private final Set<Integer> differing = new HashSet<>();

  /** A follower holds what the leader holds, as far as was looked. */
  void agrees(int follower) {
    agreeing.add(follower);
    differing.remove(follower);
  }

  /**
   * A follower does not.
   *
   * @param inSync the in-sync set
   * @param replicas how many the partition has
   */
  LeaderState.Dissent differs(int follower, InSyncSet inSync, int replicas) {
    agreeing.remove(follower);
    differing.add(follower);
    if (!inSync.isCommitted(follower)) {
      return LeaderState.Dissent.FOLLOWER_YIELDS;
    }
    int against = 0;
    for (int one : differing) {
      against += inSync.isCommitted(one) ? 1 : 0;
    }
    if (2 * against > replicas) {
      return LeaderState.Dissent.LEADER_YIELDS;
    }
    return 2 * (1 + agreeing.size()) > replicas
        ? LeaderState.Dissent.FOLLOWER_YIELDS
        : LeaderState.Dissent.UNDECIDED;
  }
}
