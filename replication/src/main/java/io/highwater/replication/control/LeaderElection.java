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
    return electWhenAllReported(leaderless, electable, minIsr);
  }

  /**
   * Elects the longest of the logs reported so far, whether or not all candidates reported.
   *
   * @return the partition as it is when nobody who reported may lead, or when they lack what one
   *     who may not has, or what is known to be committed
   */
  static PartitionImage electLongest(PartitionImage p, IntPredicate electable, int minIsr) {
    ReportedEnd longest = null;
    for (int candidate : p.uncleanCandidates()) {
      ReportedEnd end = reportOf(p, candidate);
      if (end != null
          && end.isTelling()
          && electable.test(candidate)
          && (longest == null || end.longerThan(longest))) {
        longest = end;
      }
    }
    if (longest == null || !p.knownCommitted().isIn(longest)) {
      return p;
    }
    for (int candidate : p.uncleanCandidates()) {
      ReportedEnd end = reportOf(p, candidate);
      if (end != null && !electable.test(candidate) && end.longerThan(longest)) {
        return p;
      }
    }
    int winner = longest.brokerId();
    return IsrRules.replaceIsr(p, Set.of(winner), minIsr).ledBy(winner);
  }

  /** As far as they can: a damaged replica reports what is known of it, and is not elected. */
  private static PartitionImage electWhenAllReported(
      PartitionImage p, IntPredicate electable, int minIsr) {
    if (!p.awaitsLongest()) {
      return p;
    }
    List<Integer> candidates = p.uncleanCandidates();
    if (candidates.size() == 1 && p.knownCommitted().equals(CommittedEnd.UNKNOWN)) {
      // The only candidate need not be asked: whatever it says, it is the longest.
      int only = candidates.get(0);
      return electable.test(only) ? IsrRules.replaceIsr(p, Set.of(only), minIsr).ledBy(only) : p;
    }
    return candidates.stream().allMatch(p::hasReportOf) ? electLongest(p, electable, minIsr) : p;
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
