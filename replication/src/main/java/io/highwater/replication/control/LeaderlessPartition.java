package io.highwater.replication.control;

import io.highwater.proto.TopicIdPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** Why nobody leads a partition, and what could end that. Pure. */
public final class LeaderlessPartition {
  private final ClusterImage image;
  private final TopicImage topic;
  private final PartitionImage partition;
  private final TopicIdPartition id;

  /** Of one partition that has no leader in this image. */
  public LeaderlessPartition(ClusterImage image, TopicImage topic, PartitionImage partition) {
    this.image = image;
    this.topic = topic;
    this.partition = partition;
    this.id = topic.idOf(partition.partition());
  }

  /**
   * Whether the longest of the logs that were reported so far may lead: enough were, and nobody is
   * known to have had more (ISR-4).
   */
  public boolean longestMayLead() {
    ElectionTerms terms = ElectionTerms.of(topic, partition, this::isElectable);
    return partition.awaitsLongest()
        && partition.candidatesReported() >= terms.minIsr()
        && LeaderElection.electLongest(partition, terms).hasLeader();
  }

  /** Whether anybody is there to be elected uncleanly. */
  public boolean anybodyMayLead() {
    return partition.replicas().stream().anyMatch(this::isElectable);
  }

  /** For people: who is missing, and why. */
  public String reason() {
    List<Integer> needed = new ArrayList<>(partition.isr());
    needed.addAll(partition.elr());
    boolean allUnclean = needed.isEmpty();
    if (allUnclean) {
      needed.addAll(partition.uncleanCandidates());
    }
    List<String> reasons = new ArrayList<>();
    add(reasons, needed, this::isAway, "waits for broker", "to come back");
    add(reasons, needed, this::isDamaged, "broker", "cannot serve its log, and knows why");
    if (allUnclean) {
      add(reasons, needed, this::owesReport, "waits for broker", "to say where its log ends");
    }
    String known =
        needed.size() == 1 && partition.replicas().size() == 1
            ? "its only replica is on broker " + needed.get(0)
            : allUnclean
                ? "all that were in sync last restarted uncleanly or are damaged"
                : "the last that were in sync are " + needed;
    CommittedEnd committed = partition.knownCommitted();
    if (!committed.equals(CommittedEnd.UNKNOWN)) {
      reasons.add("offsets up to " + committed.endOffset() + " are known to have been committed");
    }
    return "the partition has no leader: "
        + known
        + (reasons.isEmpty() ? "; an election is under way" : "; " + String.join("; ", reasons));
  }

  private static void add(
      List<String> reasons, List<Integer> needed, IntPredicate which, String before, String after) {
    List<String> those =
        needed.stream().filter(which::test).map(broker -> Integer.toString(broker)).toList();
    if (!those.isEmpty()) {
      reasons.add(before + " " + String.join(", ", those) + " " + after);
    }
  }

  private boolean isElectable(int brokerId) {
    BrokerRegistration broker = image.broker(brokerId);
    return broker != null && broker.electable(id);
  }

  private boolean isAway(int brokerId) {
    BrokerRegistration broker = image.broker(brokerId);
    return broker == null || !broker.electable();
  }

  private boolean isDamaged(int brokerId) {
    return !isAway(brokerId) && image.broker(brokerId).offline().contains(id);
  }

  private boolean owesReport(int brokerId) {
    return !isAway(brokerId) && !isDamaged(brokerId) && partition.awaitsReportOf(brokerId);
  }
}
