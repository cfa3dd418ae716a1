package io.highwater.replication.control;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * How a partition gets other replicas (KIP-455). Pure.
 *
 * <p>While it is under way, {@code replicas} are the target, in its order, and then those that go.
 * Added ones follow without counting until the leader proposes them for the in-sync set. When the
 * whole target could do without the others, one entry makes it the replicas. Nobody leaves who may
 * hold what the rest lack: a replica that is eligible or an unclean candidate stays (ISR-4), and so
 * does an added one without which too few would have what is committed (ISR-5).
 */
final class ReassignmentRules {
  private ReassignmentRules() {}

  /**
   * The partition on its way to other replicas; one that was on its way already turns.
   *
   * @throws HighwaterException INVALID_REPLICA_ASSIGNMENT
   */
  static PartitionImage begun(
      PartitionImage p, List<Integer> target, IntPredicate placeable, int minIsr) {
    if (target.isEmpty() || new HashSet<>(target).size() != target.size()) {
      throw invalid("a partition needs different replicas, at least one: " + target);
    }
    List<Integer> original = without(p.replicas(), p.moves().adding());
    List<Integer> adding = without(target, original);
    List<Integer> removing = without(original, target);
    for (int id : adding) {
      if (!placeable.test(id)) {
        throw invalid("broker " + id + " is not available, or is being drained");
      }
    }
    List<Integer> replicas = new ArrayList<>(target);
    replicas.addAll(removing);
    return onReplicas(p, replicas, adding, removing, minIsr);
  }

  /**
   * The partition back on the replicas that it had before.
   *
   * @throws HighwaterException NO_REASSIGNMENT_IN_PROGRESS, or INVALID_REPLICA_ASSIGNMENT when too
   *     few are in sync without the replicas that were added (ISR-5)
   */
  static PartitionImage calledOff(PartitionImage p, int minIsr) {
    if (!p.moves().underWay()) {
      throw new HighwaterException(
          ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, "no reassignment is under way");
    }
    return onReplicas(p, without(p.replicas(), p.moves().adding()), List.of(), List.of(), minIsr);
  }

  /** The partition on its target alone, if that can do without the others; else as it is. */
  static PartitionImage completed(PartitionImage p, TopicImage topic, IntPredicate electable) {
    ReplicaMoves moves = p.moves();
    if (!moves.underWay()) {
      return p;
    }
    List<Integer> target = p.targetReplicas();
    PartitionImage done =
        p.withReplicas(
            target,
            new ReplicaMoves(List.of(), List.of(), moves.leftAfter(moves.removing(), target)));
    ElectionTerms terms = ElectionTerms.of(topic, done, electable);
    boolean possible =
        p.isr().containsAll(moves.adding())
            && done.isr().size() >= terms.minIsr()
            && mayLeave(p, moves.removing())
            && done.isr().stream().anyMatch(electable::test);
    return possible ? LeaderElection.elect(done, terms) : p;
  }

  /**
   * The partition in a new leader epoch when somebody is no replica any more. A broker that has yet
   * to hear of it, and to delete its data, may be a replica again by then: until it heard it must
   * not follow with what it is going to delete (FEN-1).
   */
  static PartitionImage fenced(PartitionImage before, PartitionImage after) {
    boolean mayGoOn =
        !after.hasLeader()
            || after.leaderEpoch() != before.leaderEpoch()
            || after.replicas().containsAll(before.replicas());
    return mayGoOn ? after : after.ledBy(after.leader());
  }

  private static PartitionImage onReplicas(
      PartitionImage p,
      List<Integer> replicas,
      List<Integer> adding,
      List<Integer> removing,
      int minIsr) {
    List<Integer> leaving = without(p.replicas(), replicas);
    PartitionImage next =
        p.withReplicas(
            replicas, new ReplicaMoves(adding, removing, p.moves().leftAfter(leaving, replicas)));
    if (!mayLeave(p, leaving) || (next.isr().isEmpty() && !p.isr().isEmpty())) {
      throw invalid("replicas " + leaving + " may hold what all others lack");
    }
    if (known(next) < Math.min(minIsr, known(p))) {
      throw invalid(
          "without replicas "
              + leaving
              + " fewer than "
              + minIsr
              + " (min.insync.replicas) would have all that is committed: wait until others of "
              + next.replicas()
              + " are in sync");
    }
    return IsrRules.resettled(next, minIsr);
  }

  /** How many have, or had, all that is committed (ISR-5). */
  private static int known(PartitionImage p) {
    return p.isr().size() + p.elr().size() + p.uncleanCandidates().size();
  }

  private static boolean mayLeave(PartitionImage p, List<Integer> leaving) {
    return leaving.stream()
        .noneMatch(id -> p.elr().contains(id) || p.uncleanCandidates().contains(id));
  }

  private static List<Integer> without(List<Integer> ids, List<Integer> others) {
    Set<Integer> gone = new HashSet<>(others);
    return ids.stream().filter(id -> !gone.contains(id)).toList();
  }

  private static HighwaterException invalid(String text) {
    return new HighwaterException(ErrorCode.INVALID_REPLICA_ASSIGNMENT, text);
  }
}
