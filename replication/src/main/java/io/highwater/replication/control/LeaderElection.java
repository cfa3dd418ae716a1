package io.highwater.replication.control;

import java.util.Set;

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
   * @param terms what may be chosen
   */
  static PartitionImage elect(PartitionImage p, ElectionTerms terms) {
    if (p.isr().contains(p.leader())) {
      return p;
    }
    for (int replica : p.isr()) {
      if (terms.electable().test(replica)) {
        return p.ledBy(replica);
      }
    }
    for (int replica : p.elr()) {
      if (terms.electable().test(replica)) {
        return IsrRules.replaceIsr(p, Set.of(replica), terms.minIsr()).ledBy(replica);
      }
    }
    PartitionImage leaderless = p.hasLeader() ? p.ledBy(PartitionImage.NO_LEADER) : p;
    return electWhenAllReported(leaderless, terms);
  }

  /**
   * Elects the longest of the logs reported so far, whether or not all candidates reported, and
   * remembers what that may have cost.
   *
   * @return the partition as it is when nobody who reported may lead, or when they lack what one
   *     who may not has, or what is known to be committed
   */
  static PartitionImage electLongest(PartitionImage p, ElectionTerms terms) {
    ReportedEnd longest = null;
    for (int candidate : p.uncleanCandidates()) {
      ReportedEnd end = reportOf(p, candidate);
      if (end != null
          && end.isTelling()
          && terms.electable().test(candidate)
          && (longest == null || end.longerThan(longest))) {
        longest = end;
      }
    }
    if (longest == null || !p.knownCommitted().isIn(longest)) {
      return p;
    }
    for (int candidate : p.uncleanCandidates()) {
      ReportedEnd end = reportOf(p, candidate);
      if (end != null && !terms.electable().test(candidate) && end.longerThan(longest)) {
        return p;
      }
    }
    int winner = longest.brokerId();
    return IsrRules.replaceIsr(p, Set.of(winner), terms.minIsr())
        .ledBy(winner)
        .withLoss(LossEstimate.longest(p, longest, terms));
  }

  /** As far as they can: a damaged replica reports what is known of it, and is not elected. */
  private static PartitionImage electWhenAllReported(PartitionImage p, ElectionTerms terms) {
    if (!p.awaitsLongest()) {
      return p;
    }
    return p.uncleanCandidates().stream().allMatch(p::hasReportOf) ? electLongest(p, terms) : p;
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
