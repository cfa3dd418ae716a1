package io.highwater.replication.control;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How members leave and join a partition's in-sync set, and who stays eligible (KIP-966, ISR-4,
 * ISR-5). Pure; leaders and epochs are not touched here.
 *
 * <p>As long as the in-sync set has its minimum, it alone is eligible. Below it the high watermark
 * stands still, so whoever leaves from then on still has all that is committed and is remembered in
 * the {@code elr}. Whoever restarts uncleanly moves from either to the {@code uncleanCandidates},
 * even out of a full set: after a power loss everywhere the other members may be just as dead, only
 * not known to be yet. Only who leaves when the high watermark stands still is among the last that
 * were eligible, though. Hence {@code |isr ∪ elr ∪ uncleanCandidates| ≥ minISR} always.
 */
final class IsrRules {
  private IsrRules() {}

  /** A live or dying member leaves with its log intact: it is fenced or stopping. */
  static PartitionImage drop(PartitionImage p, int brokerId, int minIsr) {
    if (!p.isr().contains(brokerId)) {
      return p;
    }
    Set<Integer> eligible = new HashSet<>(p.elr());
    eligible.add(brokerId);
    return with(
        p, without(p.isr(), brokerId), eligible, p.uncleanCandidates(), p.lastEligible(), minIsr);
  }

  /** A replica may have lost the end of its log: it counts no more until it caught up. */
  static PartitionImage exclude(PartitionImage p, int brokerId, int minIsr) {
    PartitionImage left = leave(p, brokerId, minIsr);
    return left.killed().contains(brokerId)
        ? left.withKilled(left.killed().stream().filter(id -> id != brokerId).toList())
        : left;
  }

  /**
   * A replica's process was killed and its machine went on, or its log directory is away. It counts
   * as little as one that may have lost something; but if it had everything, it has (REC-8).
   */
  static PartitionImage excludeIntact(PartitionImage p, int brokerId, int minIsr) {
    if (!mayLead(p, brokerId)) {
      return p; // What it lost before, or never had, it lacks still.
    }
    PartitionImage left = leave(p, brokerId, minIsr);
    Set<Integer> killed = new HashSet<>(left.killed());
    killed.add(brokerId);
    return left.withKilled(List.copyOf(killed));
  }

  private static boolean mayLead(PartitionImage p, int brokerId) {
    return p.isr().contains(brokerId) || p.elr().contains(brokerId);
  }

  private static PartitionImage leave(PartitionImage p, int brokerId, int minIsr) {
    if (!mayLead(p, brokerId)) {
      return p;
    }
    Set<Integer> candidates = new HashSet<>(p.uncleanCandidates());
    candidates.add(brokerId);
    Set<Integer> isr = without(p.isr(), brokerId);
    Set<Integer> lastEligible = new HashSet<>(p.lastEligible());
    if (isr.size() < minIsr) {
      lastEligible.add(brokerId); // The high watermark stands still from here on, at the latest.
    }
    return with(p, isr, without(p.elr(), brokerId), candidates, lastEligible, minIsr);
  }

  /**
   * The set becomes another one, named by a live leader or an election; whoever is not in it any
   * more left with its log intact. A full set settles the past: nobody waits for candidates then.
   */
  static PartitionImage replaceIsr(PartitionImage p, Collection<Integer> isr, int minIsr) {
    Set<Integer> eligible = new HashSet<>(p.elr());
    eligible.addAll(p.isr());
    eligible.removeAll(isr);
    Set<Integer> candidates = new HashSet<>(p.uncleanCandidates());
    candidates.removeAll(isr);
    boolean full = isr.size() >= minIsr;
    return with(p, isr, eligible, full ? List.of() : candidates, p.lastEligible(), minIsr);
  }

  /** Another minimum applies to the sets as they are. */
  static PartitionImage resettled(PartitionImage p, int minIsr) {
    return with(p, p.isr(), p.elr(), p.uncleanCandidates(), p.lastEligible(), minIsr);
  }

  /** What a replica told of its log is void: it is fenced or restarted. */
  static PartitionImage forgetReport(PartitionImage p, int brokerId) {
    return p.hasReportOf(brokerId)
        ? p.withReports(
            p.reportedEnds().stream().filter(end -> end.brokerId() != brokerId).toList())
        : p;
  }

  private static PartitionImage with(
      PartitionImage p,
      Collection<Integer> isr,
      Collection<Integer> elr,
      Collection<Integer> candidates,
      Collection<Integer> lastEligible,
      int minIsr) {
    return p.withMembers(
        inOrder(p, isr),
        isr.size() >= minIsr ? List.of() : inOrder(p, elr),
        inOrder(p, candidates),
        p.replicas().stream()
            .filter(id -> candidates.contains(id) && lastEligible.contains(id))
            .toList());
  }

  private static List<Integer> inOrder(PartitionImage p, Collection<Integer> members) {
    return p.replicas().stream().filter(members::contains).toList();
  }

  private static Set<Integer> without(List<Integer> members, int brokerId) {
    Set<Integer> rest = new HashSet<>(members);
    rest.remove(brokerId);
    return rest;
  }
}
