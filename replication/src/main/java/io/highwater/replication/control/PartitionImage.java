package io.highwater.replication.control;

import java.util.ArrayList;
import java.util.List;

/**
 * One partition as committed. All lists are immutable and in the order of {@code replicas}.
 *
 * @param partition its number within the topic
 * @param replicas brokers that hold it, the preferred leader first
 * @param isr the committed in-sync set; empty only without a leader
 * @param elr eligible leader replicas (KIP-966): not in sync, but known to have all that is
 *     committed; empty whenever the in-sync set has its minimum
 * @param uncleanCandidates replicas that left {@code isr} or {@code elr} by an unclean restart or
 *     with a damaged log; they count again only when nobody cleaner is left
 * @param lastEligible those of the candidates that left when the high watermark stood still: what
 *     is committed was on each of them
 * @param reportedEnds what replicas said of their logs while the partition is without a leader
 * @param knownCommitted what damaged candidates said meanwhile: nobody is elected without it
 * @param leader broker id, or {@link #NO_LEADER}
 * @param leaderEpoch grows with every change of the leader (LEP-1)
 * @param partitionEpoch grows with every change of this image
 * @param moves what a reassignment under way, or the ones before, still have to do
 * @param losses what unclean elections cost, the newest last; at most {@link #MAX_LOSSES}
 */
public record PartitionImage(
    int partition,
    List<Integer> replicas,
    List<Integer> isr,
    List<Integer> elr,
    List<Integer> uncleanCandidates,
    List<Integer> lastEligible,
    List<ReportedEnd> reportedEnds,
    CommittedEnd knownCommitted,
    int leader,
    int leaderEpoch,
    int partitionEpoch,
    ReplicaMoves moves,
    List<RecordLoss> losses) {

  /** The leader's id when there is none. */
  public static final int NO_LEADER = -1;

  /** Older losses are forgotten. */
  public static final int MAX_LOSSES = 16;

  public PartitionImage {
    replicas = List.copyOf(replicas);
    isr = List.copyOf(isr);
    elr = List.copyOf(elr);
    uncleanCandidates = List.copyOf(uncleanCandidates);
    lastEligible = List.copyOf(lastEligible);
    reportedEnds = List.copyOf(reportedEnds);
    losses = List.copyOf(losses);
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
        List.of(),
        CommittedEnd.UNKNOWN,
        replicas.get(0),
        0,
        0,
        ReplicaMoves.NONE,
        List.of());
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

  /** Whether this broker has to report where its log ends, so that a leader can be found. */
  public boolean awaitsReportOf(int brokerId) {
    return !hasLeader() && replicas.contains(brokerId) && !hasReportOf(brokerId);
  }

  /**
   * How many told where their log ends of those that each had all that is committed (ISR-4). Who
   * left earlier may lead with the longest log, but tells nothing of what came afterwards.
   */
  public long candidatesReported() {
    return reportedEnds.stream()
        .filter(end -> end.isTelling() && lastEligible.contains(end.brokerId()))
        .count();
  }

  PartitionImage withMembers(
      List<Integer> newIsr,
      List<Integer> newElr,
      List<Integer> newUncleanCandidates,
      List<Integer> newLastEligible) {
    return new PartitionImage(
        partition,
        replicas,
        newIsr,
        newElr,
        newUncleanCandidates,
        newLastEligible,
        reportedEnds,
        knownCommitted,
        leader,
        leaderEpoch,
        partitionEpoch,
        moves,
        losses);
  }

  PartitionImage withReports(List<ReportedEnd> reports) {
    return withReports(reports, knownCommitted);
  }

  PartitionImage withReports(List<ReportedEnd> reports, CommittedEnd newKnownCommitted) {
    return new PartitionImage(
        partition,
        replicas,
        isr,
        elr,
        uncleanCandidates,
        lastEligible,
        reports,
        newKnownCommitted,
        leader,
        leaderEpoch,
        partitionEpoch,
        moves,
        losses);
  }

  /** Led by somebody, or nobody, in the next leader epoch. */
  PartitionImage ledBy(int newLeader) {
    return new PartitionImage(
        partition,
        replicas,
        isr,
        elr,
        uncleanCandidates,
        lastEligible,
        List.of(),
        CommittedEnd.UNKNOWN,
        newLeader,
        leaderEpoch + 1,
        partitionEpoch,
        moves,
        losses);
  }

  /** On other replicas; whoever is none of them is in no set any more. */
  PartitionImage withReplicas(List<Integer> newReplicas, ReplicaMoves newMoves) {
    return new PartitionImage(
        partition,
        newReplicas,
        newReplicas.stream().filter(isr::contains).toList(),
        newReplicas.stream().filter(elr::contains).toList(),
        newReplicas.stream().filter(uncleanCandidates::contains).toList(),
        newReplicas.stream().filter(lastEligible::contains).toList(),
        reportedEnds.stream().filter(end -> newReplicas.contains(end.brokerId())).toList(),
        knownCommitted,
        leader,
        leaderEpoch,
        partitionEpoch,
        newMoves,
        losses);
  }

  PartitionImage withMoves(ReplicaMoves newMoves) {
    return withReplicas(replicas, newMoves);
  }

  /** Remembers what an election cost; the oldest is forgotten when there are too many. */
  PartitionImage withLoss(RecordLoss loss) {
    List<RecordLoss> all = new ArrayList<>(losses);
    all.add(loss);
    return new PartitionImage(
        partition,
        replicas,
        isr,
        elr,
        uncleanCandidates,
        lastEligible,
        reportedEnds,
        knownCommitted,
        leader,
        leaderEpoch,
        partitionEpoch,
        moves,
        all.subList(Math.max(0, all.size() - MAX_LOSSES), all.size()));
  }

  PartitionImage withPartitionEpoch(int epoch) {
    return new PartitionImage(
        partition,
        replicas,
        isr,
        elr,
        uncleanCandidates,
        lastEligible,
        reportedEnds,
        knownCommitted,
        leader,
        leaderEpoch,
        epoch,
        moves,
        losses);
  }

  boolean hasReportOf(int brokerId) {
    return reportedEnds.stream().anyMatch(end -> end.brokerId() == brokerId);
  }
}
