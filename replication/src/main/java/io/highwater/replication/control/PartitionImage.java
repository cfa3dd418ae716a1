package io.highwater.replication.control;

import java.util.List;

/**
 * One partition as committed. All lists are immutable and in the order of {@code replicas}.
 *
 * @param partition its number within the topic
 * @param replicas brokers that hold it, the preferred leader first
 * @param isr the committed in-sync set; empty only without a leader
 * @param elr eligible leader replicas (KIP-966): not in sync, but known to have all that is
 *     committed; empty whenever the in-sync set has its minimum
 * @param uncleanCandidates replicas that left {@code isr} or {@code elr} by an unclean restart;
 *     they count again only when nobody cleaner is left
 * @param reportedEnds what those candidates said of their logs while the partition waits for them
 * @param leader broker id, or {@link #NO_LEADER}
 * @param leaderEpoch grows with every change of the leader (LEP-1)
 * @param partitionEpoch grows with every change of this image
 * @param moves what a reassignment under way, or the ones before, still have to do
 */
public record PartitionImage(
    int partition,
    List<Integer> replicas,
    List<Integer> isr,
    List<Integer> elr,
    List<Integer> uncleanCandidates,
    List<ReportedEnd> reportedEnds,
    int leader,
    int leaderEpoch,
    int partitionEpoch,
    ReplicaMoves moves) {

  /** The leader's id when there is none. */
  public static final int NO_LEADER = -1;

  public PartitionImage {
    replicas = List.copyOf(replicas);
    isr = List.copyOf(isr);
    elr = List.copyOf(elr);
    uncleanCandidates = List.copyOf(uncleanCandidates);
    reportedEnds = List.copyOf(reportedEnds);
  }

  /** A new partition: every replica in sync, led by the first, in epoch 0. */
  static PartitionImage created(int partition, List<Integer> replicas) {
    return new PartitionImage(
        partition,
        replicas,
        replicas,
        List.of(),
        List.of(),
        List.of(),
        replicas.get(0),
        0,
        0,
        ReplicaMoves.NONE);
  }

  /** The replicas that it has when no reassignment is under way, or will have when that is done. */
  public List<Integer> targetReplicas() {
    return moves.removing().isEmpty()
        ? replicas
        : replicas.stream().filter(id -> !moves.removing().contains(id)).toList();
  }

  /** Whether there is a leader. */
  public boolean hasLeader() {
    return leader != NO_LEADER;
  }

  /** Whether nobody clean is left, so that the longest log has to be found (ISR-4). */
  public boolean awaitsLongest() {
    return leader == NO_LEADER && isr.isEmpty() && elr.isEmpty() && !uncleanCandidates.isEmpty();
  }

  /** Whether this broker has to report where its log ends before a leader can be found. */
  public boolean awaitsReportOf(int brokerId) {
    return awaitsLongest() && uncleanCandidates.contains(brokerId) && !hasReportOf(brokerId);
  }

  PartitionImage withMembers(
      List<Integer> newIsr, List<Integer> newElr, List<Integer> newUncleanCandidates) {
    return new PartitionImage(
        partition,
        replicas,
        newIsr,
        newElr,
        newUncleanCandidates,
        reportedEnds,
        leader,
        leaderEpoch,
        partitionEpoch,
        moves);
  }

  PartitionImage withReports(List<ReportedEnd> reports) {
    return new PartitionImage(
        partition,
        replicas,
        isr,
        elr,
        uncleanCandidates,
        reports,
        leader,
        leaderEpoch,
        partitionEpoch,
        moves);
  }

  /** Led by somebody, or nobody, in the next leader epoch. */
  PartitionImage ledBy(int newLeader) {
    return new PartitionImage(
        partition,
        replicas,
        isr,
        elr,
        uncleanCandidates,
        List.of(),
        newLeader,
        leaderEpoch + 1,
        partitionEpoch,
        moves);
  }

  /** On other replicas; whoever is none of them is in no set any more. */
  PartitionImage withReplicas(List<Integer> newReplicas, ReplicaMoves newMoves) {
    return new PartitionImage(
        partition,
        newReplicas,
        newReplicas.stream().filter(isr::contains).toList(),
        newReplicas.stream().filter(elr::contains).toList(),
        newReplicas.stream().filter(uncleanCandidates::contains).toList(),
        reportedEnds.stream().filter(end -> newReplicas.contains(end.brokerId())).toList(),
        leader,
        leaderEpoch,
        partitionEpoch,
        newMoves);
  }

  PartitionImage withMoves(ReplicaMoves newMoves) {
    return withReplicas(replicas, newMoves);
  }

  PartitionImage withPartitionEpoch(int epoch) {
    return new PartitionImage(
        partition,
        replicas,
        isr,
        elr,
        uncleanCandidates,
        reportedEnds,
        leader,
        leaderEpoch,
        epoch,
        moves);
  }

  boolean hasReportOf(int brokerId) {
    return reportedEnds.stream().anyMatch(end -> end.brokerId() == brokerId);
  }
}
