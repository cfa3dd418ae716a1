package io.highwater.replication.core;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Who is in sync: the committed set, and the maximal set, which also holds everyone that a proposal
 * with an open outcome may have added (ISR-1, ISR-5).
 */
public final class InSyncSet {
  private Set<Integer> committed;
  private Set<Integer> maximal;
  private int partitionEpoch;

  InSyncSet(List<Integer> committed, int partitionEpoch) {
    commit(committed, partitionEpoch);
  }

  /** Whether the control plane has committed the broker as in sync. */
  public boolean isCommitted(int brokerId) {
    return committed.contains(brokerId);
  }

  /** Whether the broker is in sync, or may be without our knowledge. */
  public boolean isInMaximal(int brokerId) {
    return maximal.contains(brokerId);
  }

  /** Size of the committed set. */
  public int committedSize() {
    return committed.size();
  }

  /** The committed set in ascending order. */
  public List<Integer> committed() {
    return List.copyOf(committed);
  }

  /** The maximal set in ascending order. */
  public List<Integer> maximal() {
    return List.copyOf(maximal);
  }

  /** Version of the committed set. */
  public int partitionEpoch() {
    return partitionEpoch;
  }

  /** A newer committed set: every proposal made upon an older version is now void. */
  void commit(List<Integer> isr, int version) {
    committed = new TreeSet<>(isr);
    maximal = new TreeSet<>(isr);
    partitionEpoch = version;
  }

  /** From now on the members may be in sync. */
  void maybeCommitted(List<IsrProposal.Member> members) {
    for (IsrProposal.Member member : members) {
      maximal.add(member.brokerId());
    }
  }

  /** Every open proposal is known to have been rejected. */
  void noneOpen() {
    maximal = new TreeSet<>(committed);
  }
}
