package io.highwater.replication.control;

import java.util.List;
import java.util.Set;

/**
 * Who leads a partition, and in which leader epoch (LEP-1, ISR-4). Pure.
 *
 * <p>In this order: the present leader as long as it is in sync; the first replica that is in sync
 * and electable; the first that is eligible ({@code elr}) and electable; if only unclean candidates
 * are left, the longest log; else nobody, and the partition waits.
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
   * remembers what that may have cost. It may be that of a replica that had left the in-sync set
   * before: then it has all that the candidates kept of what is committed, and more.
   *
   * @return the partition as it is when nobody who reported may lead, or when they lack what one
   *     who may not has, or what is known to be committed
   */
  static PartitionImage electLongest(PartitionImage p, ElectionTerms terms) {
    ReportedEnd ofCandidates = longest(p, p.uncleanCandidates(), null, terms);
    ReportedEnd longest = longest(p, p.replicas(), ofCandidates, terms);
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

  /** The longest log reported by some who may lead, if it is longer than another one. */
  private static ReportedEnd longest(
      PartitionImage p, List<Integer> brokers, ReportedEnd than, ElectionTerms terms) {
    ReportedEnd longest = than;
    for (int broker : brokers) {
      ReportedEnd end = reportOf(p, broker);
      if (end != null
          && end.isTelling()
          && terms.electable().test(broker)
          && (longest == null || end.longerThan(longest))) {
        longest = end;
      }
    }
    return longest;
  }

  /**
   * As far as they can: a damaged replica reports what is known of it, and is not elected. Of those
   * that had left before, only who is there is waited for; where records are known to be missing,
   * anyone who may have them, until the controller ends it.
   */
  private static PartitionImage electWhenAllReported(PartitionImage p, ElectionTerms terms) {
    if (!p.awaitsLongest()) {
      return p;
    }
    boolean allReported =
        p.replicas().stream()
            .filter(id -> p.uncleanCandidates().contains(id) || terms.electable().test(id))
            .allMatch(p::hasReportOf);
    if (!allReported) {
      return p;
    }
    PartitionImage elected = electLongest(p, terms);
    return elected.hasLeader() && missesRecords(elected) && !allReported(p) ? p : elected;
  }

  private static boolean missesRecords(PartitionImage elected) {
    return elected.losses().get(elected.losses().size() - 1).isCertain();
  }

  private static boolean allReported(PartitionImage p) {
    return p.replicas().stream().allMatch(p::hasReportOf);
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
