package io.highwater.replication.control.session;

import io.highwater.replication.control.LeaderlessPartition;
import io.highwater.replication.control.MetadataCommand.ElectLongest;
import io.highwater.replication.control.MetadataCommand.ElectUnclean;
import io.highwater.replication.control.MetadataLog;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.TopicConfigs;
import io.highwater.replication.control.TopicImage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the wait of partitions that nobody clean is left of: once the grace is over, the longest of
 * the logs that were reported is elected, if enough were (ISR-4); failing that, and where the topic
 * allows it, whoever is there. When all candidates report, the metadata log elects by itself. What
 * goes on waiting is logged, once for each reason. On the owner loop.
 */
final class LongestLogElections {
  private static final Logger LOG = LoggerFactory.getLogger(LongestLogElections.class);

  private final MetadataLog log;
  private final long graceNanos;

  /** The partitions that wait, as the commands that would end it. */
  private Map<ElectLongest, Wait> waiting = new HashMap<>();

  /**
   * A partition without a leader.
   *
   * @param sinceNanos when it began to wait, or when something was last tried
   * @param longestTried whether the longest reported log was
   * @param told why it waits, as it was logged last; empty before
   */
  private record Wait(long sinceNanos, boolean longestTried, String told) {}

  LongestLogElections(MetadataLog log, long graceMs) {
    this.log = log;
    graceNanos = TimeUnit.MILLISECONDS.toNanos(graceMs);
  }

  void clear() {
    waiting.clear();
  }

  void onTick(long nowNanos) {
    Map<ElectLongest, Wait> stillWaiting = new HashMap<>();
    for (TopicImage topic : log.image().topics()) {
      for (PartitionImage partition : topic.partitions()) {
        if (!partition.hasLeader()) {
          ElectLongest election =
              new ElectLongest(topic.id(), partition.partition(), partition.leaderEpoch());
          Wait wait = waiting.getOrDefault(election, new Wait(nowNanos, false, ""));
          boolean due = nowNanos - wait.sinceNanos() >= graceNanos;
          stillWaiting.put(election, due ? end(wait, topic, partition, nowNanos) : wait);
        }
      }
    }
    waiting = stillWaiting;
  }

  private Wait end(Wait wait, TopicImage topic, PartitionImage partition, long nowNanos) {
    LeaderlessPartition leaderless = new LeaderlessPartition(log.image(), topic, partition);
    if (leaderless.longestMayLead() && !wait.longestTried()) {
      LOG.warn(
          "electing the longest reported log of {}-{} without those of {}",
          topic.name(),
          partition.partition(),
          partition.replicas().stream().filter(partition::awaitsReportOf).toList());
      log.submit(
          new ElectLongest(topic.id(), partition.partition(), partition.leaderEpoch()),
          LongestLogElections::onOutcome);
      return new Wait(nowNanos, true, wait.told());
    }
    String reason = leaderless.reason();
    if (!reason.equals(wait.told())) {
      LOG.warn("{}-{}: {}", topic.name(), partition.partition(), reason);
    }
    if (leaderless.anybodyMayLead()
        && TopicConfigs.UNCLEAN_LEADER_ELECTION_ENABLE.in(topic.configs())) {
      LOG.warn(
          "electing an unclean leader of {}-{}, as the topic allows: committed records may be lost",
          topic.name(),
          partition.partition());
      log.submit(
          new ElectUnclean(List.of(topic.idOf(partition.partition()))),
          LongestLogElections::onOutcome);
    }
    return new Wait(nowNanos, false, reason);
  }

  private static void onOutcome(Object result, Throwable failure) {
    if (failure != null) {
      LOG.warn("an election is not confirmed, to be tried again: {}", failure.toString());
    }
  }
}
