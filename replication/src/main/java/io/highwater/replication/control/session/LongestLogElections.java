package io.highwater.replication.control.session;

import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.MetadataCommand.ElectLongest;
import io.highwater.replication.control.MetadataLog;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.TopicImage;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the wait of partitions that nobody clean is left of: once the grace is over, the longest of
 * the logs that were reported is elected, if enough were (ISR-4). When all candidates report, the
 * metadata log elects by itself. On the owner loop.
 */
final class LongestLogElections {
  private static final Logger LOG = LoggerFactory.getLogger(LongestLogElections.class);

  private final MetadataLog log;
  private final long graceNanos;

  /** The partitions that wait, as the commands that would end it, and since when. */
  private final Map<ElectLongest, Long> waitingSinceNanos = new HashMap<>();

  LongestLogElections(MetadataLog log, long graceMs) {
    this.log = log;
    graceNanos = TimeUnit.MILLISECONDS.toNanos(graceMs);
  }

  void clear() {
    waitingSinceNanos.clear();
  }

  void onTick(long nowNanos) {
    Map<ElectLongest, Long> stillWaiting = new HashMap<>();
    ClusterImage image = log.image();
    for (TopicImage topic : image.topics()) {
      for (PartitionImage partition : topic.partitions()) {
        if (partition.awaitsLongest()) {
          ElectLongest election =
              new ElectLongest(topic.id(), partition.partition(), partition.leaderEpoch());
          long since = waitingSinceNanos.getOrDefault(election, nowNanos);
          boolean due =
              nowNanos - since >= graceNanos
                  && partition.reportedEnds().size() >= topic.minInSyncReplicas(partition);
          if (due) {
            LOG.warn(
                "electing the longest reported log of {}-{} without those of {}",
                topic.name(),
                partition.partition(),
                partition.uncleanCandidates().stream().filter(partition::awaitsReportOf).toList());
            log.submit(election, LongestLogElections::onOutcome);
          }
          stillWaiting.put(election, due ? Long.valueOf(nowNanos) : Long.valueOf(since));
        }
      }
    }
    waitingSinceNanos.clear();
    waitingSinceNanos.putAll(stillWaiting);
  }

  private static void onOutcome(Object result, Throwable failure) {
    if (failure != null) {
      LOG.warn("an election is not confirmed, to be tried again: {}", failure.toString());
    }
  }
}
