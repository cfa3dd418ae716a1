package io.highwater.replication.control;

import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Who leads a partition, and in which leader epoch (LEP-1, ISR-4). Pure.
 *
 * <p>In this order: the present leader as long as it is in sync; the first replica that is in sync
 * and electable; the first that is eligible ({@code elr}) and electable; if only unclean candidates
 * are left, the longest log among them; else nobody, and the partition waits.
 */
final class LeaderElection {
  private LeaderElection() {}

  /**
   * Settles leadership after a change.
   *
   * @param electable which brokers are neither fenced nor stopping
   * @param minIsr the partition's effective min.insync.replicas
   */
  static PartitionImage elect(PartitionImage p, IntPredicate electable, int minIsr) {
    if (p.isr().contains(p.leader())) {
      return p;
    }
    for (int replica : p.isr()) {
      if (electable.test(replica)) {
        return p.ledBy(replica);
      }
    }
    for (int replica : p.elr()) {
      if (electable.test(replica)) {
        return IsrRules.replaceIsr(p, Set.of(replica), minIsr).ledBy(replica);
      }
    }
    PartitionImage leaderless = p.hasLeader() ? p.ledBy(PartitionImage.NO_LEADER) : p;
    return mayElectLongest(leaderless, electable)
        ? electLongest(leaderless, electable, minIsr)
        : leaderless;
  }

  /** Elects the longest of the logs reported so far, whether or not all candidates reported. */
  static PartitionImage electLongest(PartitionImage p, IntPredicate electable, int minIsr) {
    ReportedEnd longest = null;
    for (int candidate : p.uncleanCandidates()) {
      ReportedEnd end = reportOf(p, candidate);
      if (end != null
          && electable.test(candidate)
          && (longest == null || end.longerThan(longest))) {
        longest = end;
      }
    }
    // The only candidate need not be asked: whatever it says, it is the longest.
    int winner = longest != null ? longest.brokerId() : p.uncleanCandidates().get(0);
    return IsrRules.replaceIsr(p, Set.of(winner), minIsr).ledBy(winner);
  }

  private static boolean mayElectLongest(PartitionImage p, IntPredicate electable) {
    if (!p.awaitsLongest()) {
      return false;
    }
    List<Integer> candidates = p.uncleanCandidates();
    if (candidates.size() == 1) {
      return electable.test(candidates.get(0));
    }
    return candidates.stream().allMatch(c -> electable.test(c) && p.hasReportOf(c));
  }

  private static ReportedEnd reportOf(PartitionImage p, int brokerId) {
    for (ReportedEnd end : p.reportedEnds()) {
      if (end.brokerId() == brokerId) {
        return end;
      }
    }
    return null;
  }
}
