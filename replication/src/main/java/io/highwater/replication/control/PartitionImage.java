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
 * @param killed those of the candidates that were only killed, or had their directory away, and had
 *     everything before: it is there (REC-8)
 * @param leftOut replicas that left {@code isr} for another reason than that they lagged, until
 *     they are in it again
 * @param reportedEnds what replicas said of their logs while the partition is without a leader
 * @param knownCommitted what damaged candidates said meanwhile: nobody is elected without it
 * @param leader broker id, or {@link #NO_LEADER}
 * @param leaderEpoch grows with every change of the leader (LEP-1)
 * @param partitionEpoch grows with every change of this image
 * @param moves what a reassignment under way, or the ones before, still have to do
 * @param losses what elections cost that were not clean, the newest last; at most {@link
 *     #MAX_LOSSES}
 */
public record PartitionImage(
    int partition,
    List<Integer> replicas,
    List<Integer> isr,
    List<Integer> elr,
    List<Integer> uncleanCandidates,
    List<Integer> lastEligible,
    List<Integer> killed,
    LeftOut leftOut,
    List<ReportedEnd> reportedEnds,
    CommittedEnd knownCommitted,
    int leader,
    int leaderEpoch,
    int partitionEpoch,
    ReplicaMoves moves,
    List<RecordLoss> losses) {

  /** The leader's id when there is none. */
  public static final int NO_LEADER = -1;

  /** Of more losses the oldest become one. */
  public static final int MAX_LOSSES = 16;

  public PartitionImage {
    replicas = List.copyOf(replicas);
    isr = List.copyOf(isr);
    leftOut =
        new LeftOut(outOf(isr, leftOut.silent(), replicas), outOf(isr, leftOut.full(), replicas));
    elr = List.copyOf(elr);
    uncleanCandidates = List.copyOf(uncleanCandidates);
    lastEligible = List.copyOf(lastEligible);
    killed = uncleanCandidates.stream().filter(killed::contains).toList();
    reportedEnds = List.copyOf(reportedEnds);
    losses = List.copyOf(losses);
  }

  private static List<Integer> outOf(
      List<Integer> isr, List<Integer> members, List<Integer> replicas) {
    return replicas.stream().filter(id -> members.contains(id) && !isr.contains(id)).toList();
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
        LeftOut.NONE,
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
    Copy copy = new Copy(this);
    copy.isr = newIsr;
    copy.elr = newElr;
    copy.uncleanCandidates = newUncleanCandidates;
    copy.lastEligible = newLastEligible;
    return copy.image();
  }

  /** Who of the candidates was only killed. */
  PartitionImage withKilled(List<Integer> newKilled) {
    Copy copy = new Copy(this);
    copy.killed = newKilled;
    return copy.image();
  }

  /** Remembers why replicas left. */
  PartitionImage withLeftOut(LeftOut leaving) {
    Copy copy = new Copy(this);
    copy.leftOut =
        new LeftOut(
            joined(leftOut.silent(), leaving.silent()), joined(leftOut.full(), leaving.full()));
    return copy.image();
  }

  private static List<Integer> joined(List<Integer> before, List<Integer> more) {
    List<Integer> all = new ArrayList<>(before);
    all.addAll(more);
    return all;
  }

  PartitionImage withReports(List<ReportedEnd> reports) {
    return withReports(reports, knownCommitted);
  }

  PartitionImage withReports(List<ReportedEnd> reports, CommittedEnd newKnownCommitted) {
    Copy copy = new Copy(this);
    copy.reportedEnds = reports;
    copy.knownCommitted = newKnownCommitted;
    return copy.image();
  }

  /** Led by somebody, or nobody, in the next leader epoch. */
  PartitionImage ledBy(int newLeader) {
    Copy copy = new Copy(this);
    copy.reportedEnds = List.of();
    copy.knownCommitted = CommittedEnd.UNKNOWN;
    copy.leader = newLeader;
    copy.leaderEpoch = leaderEpoch + 1;
    return copy.image();
  }

  /** On other replicas; whoever is none of them is in no set any more. */
  PartitionImage withReplicas(List<Integer> newReplicas, ReplicaMoves newMoves) {
    Copy copy = new Copy(this);
    copy.replicas = newReplicas;
    copy.isr = newReplicas.stream().filter(isr::contains).toList();
    copy.elr = newReplicas.stream().filter(elr::contains).toList();
    copy.uncleanCandidates = newReplicas.stream().filter(uncleanCandidates::contains).toList();
    copy.lastEligible = newReplicas.stream().filter(lastEligible::contains).toList();
    copy.reportedEnds =
        reportedEnds.stream().filter(end -> newReplicas.contains(end.brokerId())).toList();
    copy.moves = newMoves;
    return copy.image();
  }

  PartitionImage withMoves(ReplicaMoves newMoves) {
    return withReplicas(replicas, newMoves);
  }

  /** Remembers what an election cost; too many are fewer that tell as much. */
  PartitionImage withLoss(RecordLoss loss) {
    List<RecordLoss> all = new ArrayList<>(losses);
    all.add(loss);
    if (all.size() > MAX_LOSSES) {
      RecordLoss none = all.stream().filter(RecordLoss::isHarmless).findFirst().orElse(null);
      if (none == null) {
        all.set(1, all.get(0).and(all.get(1)));
      }
      all.remove(none == null ? all.get(0) : none);
    }
    return withLosses(all);
  }

  /** Whether it is on record that what was committed between two offsets is lost. */
  public boolean tellsOfLoss(long fromOffset, long endOffset) {
    return losses.stream().anyMatch(loss -> loss.covers(fromOffset, endOffset));
  }

  /** Committed records are missing: the newest loss that explains it says so, or else one more. */
  public PartitionImage withMissing(long fromOffset, long endOffset) {
    List<RecordLoss> all = new ArrayList<>(losses);
    for (int i = all.size() - 1; i >= 0; i--) {
      if (all.get(i).covers(fromOffset, endOffset)) {
        all.set(i, all.get(i).withEndOffset(endOffset));
        return withLosses(all);
      }
    }
    return withLoss(
        new RecordLoss(leaderEpoch, fromOffset, endOffset, RecordLoss.Cause.FOUND_MISSING));
  }

  PartitionImage withLosses(List<RecordLoss> all) {
    Copy copy = new Copy(this);
    copy.losses = all;
    return copy.image();
  }

  PartitionImage withPartitionEpoch(int epoch) {
    Copy copy = new Copy(this);
    copy.partitionEpoch = epoch;
    return copy.image();
  }

  boolean hasReportOf(int brokerId) {
    return reportedEnds.stream().anyMatch(end -> end.brokerId() == brokerId);
  }

  /** The next image while it is made: as the one before but for what is set. */
  private static final class Copy {
    private final int partition;
    private List<Integer> replicas;
    private List<Integer> isr;
    private List<Integer> elr;
    private List<Integer> uncleanCandidates;
    private List<Integer> lastEligible;
    private List<Integer> killed;
    private LeftOut leftOut;
    private List<ReportedEnd> reportedEnds;
    private CommittedEnd knownCommitted;
    private int leader;
    private int leaderEpoch;
    private int partitionEpoch;
    private ReplicaMoves moves;
    private List<RecordLoss> losses;

    Copy(PartitionImage image) {
      partition = image.partition;
      replicas = image.replicas;
      isr = image.isr;
      elr = image.elr;
      uncleanCandidates = image.uncleanCandidates;
      lastEligible = image.lastEligible;
      killed = image.killed;
      leftOut = image.leftOut;
      reportedEnds = image.reportedEnds;
      knownCommitted = image.knownCommitted;
      leader = image.leader;
      leaderEpoch = image.leaderEpoch;
      partitionEpoch = image.partitionEpoch;
      moves = image.moves;
      losses = image.losses;
    }

    PartitionImage image() {
      return new PartitionImage(
          partition,
          replicas,
          isr,
          elr,
          uncleanCandidates,
          lastEligible,
          killed,
          leftOut,
          reportedEnds,
          knownCommitted,
          leader,
          leaderEpoch,
          partitionEpoch,
          moves,
          losses);
    }
  }
}
