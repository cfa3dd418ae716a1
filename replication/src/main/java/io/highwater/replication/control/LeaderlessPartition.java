package io.highwater.replication.control;

import io.highwater.proto.TopicIdPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

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

  /** For people: why nobody leads, and who can do what about it; the same on every broker. */
  public String reason() {
    List<Integer> inSync = new ArrayList<>(partition.isr());
    inSync.addAll(partition.elr());
    boolean allUnclean = inSync.isEmpty();
    List<Integer> needed = allUnclean ? partition.uncleanCandidates() : inSync;
    List<Integer> away = those(needed, this::isAway);
    List<Integer> absent = those(needed, this::isAbsent);
    List<Integer> damaged = those(needed, id -> isDamaged(id) && !isAbsent(id));
    List<Integer> opening = allUnclean ? those(partition.replicas(), this::owesReport) : List.of();
    CommittedEnd committed = partition.knownCommitted();
    boolean knowsCommitted = !committed.equals(CommittedEnd.UNKNOWN);

    List<String> clauses = new ArrayList<>();
    clauses.add("the partition has no leader: " + lastInSync(needed, allUnclean));
    if (!away.isEmpty()) {
      clauses.add(toStart(away, !allUnclean));
    }
    if (!opening.isEmpty()) {
      boolean one = opening.size() == 1;
      clauses.add(
          named(opening) + (one ? " is still opening its log" : " are still opening their logs"));
    }
    if (!absent.isEmpty()) {
      clauses.add(toBringBack(absent));
    }
    if (!damaged.isEmpty()) {
      clauses.add(toMend(damaged));
    }
    List<Integer> others = those(partition.replicas(), id -> !needed.contains(id) && isAway(id));
    if (clauses.size() == 1 && allUnclean && !others.isEmpty()) {
      clauses.add(
          "records are missing that "
              + named(others)
              + " may have: "
              + (others.size() == 1 ? "it is" : "they are")
              + " waited for a while");
    }
    if (knowsCommitted) {
      clauses.add("offsets below " + committed.endOffset() + " are known to have been committed");
    }
    List<Integer> unable = those(needed, id -> isAway(id) || isDamaged(id));
    if (!unable.isEmpty() || (knowsCommitted && opening.isEmpty())) {
      toElectUncleanly(unable).ifPresent(clauses::add);
    }
    if (clauses.size() == 1) {
      clauses.add("an election is under way");
    }
    return String.join("; ", clauses);
  }

  private String lastInSync(List<Integer> needed, boolean allUnclean) {
    if (partition.replicas().size() == 1) {
      return "its only replica is on " + named(partition.replicas());
    }
    return allUnclean
        ? "all that were in sync last restarted uncleanly or are damaged"
        : "the last in sync " + (needed.size() == 1 ? "was " : "were ") + named(needed);
  }

  /** Each may be the one that has everything: who was killed counts with all others only. */
  private static String toStart(List<Integer> away, boolean oneWillDo) {
    if (away.size() == 1) {
      return "start " + named(away) + ", which is down or cut off";
    }
    return "start all of "
        + named(away)
        + ", which are down or cut off"
        + (oneWillDo ? " (one is enough if it was stopped cleanly)" : "");
  }

  /** Nothing is known to be wrong with a log whose directory is away. */
  private static String toBringBack(List<Integer> absent) {
    boolean one = absent.size() == 1;
    return named(absent)
        + (one ? " has" : " have")
        + " started without the log directory that may hold "
        + (one ? "its" : "their")
        + " log: bring that directory back and restart "
        + (one ? "it" : "them")
        + ", or, if it is lost for good, give it up with"
        + " `./highwater storage format --data FIRST --accept-directory-loss ID`, which the"
        + " broker's own log has in full";
  }

  /** What is wrong with a log only its broker knows. */
  private static String toMend(List<Integer> damaged) {
    boolean one = damaged.size() == 1;
    return named(damaged)
        + (one
            ? " cannot serve its log: the broker's own log"
            : " cannot serve their logs: their own logs")
        + " and `./highwater log verify` there say why; put the files back and restart "
        + (one ? "it" : "them")
        + ", or save what can be read with `./highwater log salvage`";
  }

  /** What ends the wait for those that are missing, if another sound replica is left. */
  private Optional<String> toElectUncleanly(List<Integer> unable) {
    List<Integer> others = those(partition.replicas(), id -> !unable.contains(id));
    List<Integer> electable = those(others, this::isElectable);
    List<Integer> startable = those(others, this::isAway);
    if (electable.isEmpty() && startable.isEmpty()) {
      return Optional.empty();
    }
    if (!electable.isEmpty() && TopicConfigs.UNCLEAN_LEADER_ELECTION_ENABLE.in(topic.configs())) {
      return Optional.of("an unclean election follows, as the topic allows");
    }
    return Optional.of(
        "failing that, "
            + (electable.isEmpty() ? "start " + named(startable) + ", then " : "")
            + "`./highwater partition elect "
            + topic.name()
            + " --partition "
            + partition.partition()
            + " --unclean` (or "
            + TopicConfigs.UNCLEAN_LEADER_ELECTION_ENABLE.name()
            + " of the topic) lets "
            + (electable.isEmpty() ? named(startable) : named(electable))
            + " lead without what is missing there");
  }

  private static List<Integer> those(List<Integer> brokers, IntPredicate which) {
    return brokers.stream().filter(which::test).toList();
  }

  private static String named(List<Integer> brokers) {
    return (brokers.size() == 1 ? "broker " : "brokers ")
        + brokers.stream().map(String::valueOf).collect(Collectors.joining(", "));
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

  /** Who says that its log is damaged is no longer counted as killed (REC-8). */
  private boolean isAbsent(int brokerId) {
    return isDamaged(brokerId) && partition.killed().contains(brokerId);
  }

  private boolean owesReport(int brokerId) {
    return !isAway(brokerId) && !isDamaged(brokerId) && partition.awaitsReportOf(brokerId);
  }
}
