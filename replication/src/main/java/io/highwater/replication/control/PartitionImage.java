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
    int partitionEpoch) {

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
        partition, replicas, replicas, List.of(), List.of(), List.of(), replicas.get(0), 0, 0);
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

  boolean hasReportOf(int brokerId) {
    return reportedEnds.stream().anyMatch(end -> end.brokerId() == brokerId);
  }
}
