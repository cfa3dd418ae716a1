package io.highwater.replication.core;

import java.util.List;

/**
 * An in-sync set that a leader asks the control plane to commit. Any mismatch rejects it whole
 * (ISR-2).
 *
 * @param leaderEpoch the leader's epoch
 * @param partitionEpoch the version of the assignment that the leader acts upon
 * @param isr the set, in ascending order of broker ids
 * @param silent whom it leaves out because nothing was heard of them, for people
 * @param full whom it leaves out because their disks take no appends, for people
 */
public record IsrProposal(
    int leaderEpoch,
    int partitionEpoch,
    List<Member> isr,
    List<Integer> silent,
    List<Integer> full) {
  public IsrProposal {
    isr = List.copyOf(isr);
    silent = List.copyOf(silent);
    full = List.copyOf(full);
  }

  /**
   * One member.
   *
   * @param brokerId which broker
   * @param brokerEpoch the registration under which it caught up, or {@link #EPOCH_AS_COMMITTED}
   */
  public record Member(int brokerId, long brokerEpoch) {
    /** The member is in the committed set already and has not been heard of in this epoch. */
    public static final long EPOCH_AS_COMMITTED = -1;
  }
}
