package io.highwater.server.metadata;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.RecordLoss;
import io.highwater.replication.control.TopicImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.agrona.concurrent.EpochClock;

/**
 * Why each in-sync set last changed, and when this broker learned of it: told by comparing images.
 * What changed before this process started is not known. On the owner loop.
 */
public final class IsrHistory {
  /**
   * The last change of a partition's in-sync set.
   *
   * @param left who left it
   * @param joined who joined it
   * @param reason for people
   * @param timeMs when this broker learned of it, ms since 1970
   */
  public record Change(List<Integer> left, List<Integer> joined, String reason, long timeMs) {
    public Change {
      left = List.copyOf(left);
      joined = List.copyOf(joined);
    }
  }

  private final EpochClock clock;
  private final Map<TopicIdPartition, Change> changes = new HashMap<>();
  private ClusterImage seen = ClusterImage.EMPTY;

  /** Knows of nothing yet. */
  public IsrHistory(EpochClock clock) {
    this.clock = clock;
  }

  /** The last change, if one was seen. */
  public Optional<Change> of(TopicIdPartition partition) {
    return Optional.ofNullable(changes.get(partition));
  }

  /** Takes the next image. */
  public void onImage(ClusterImage image) {
    boolean gone = false;
    for (UUID topicId : image.topicsChangedSince(seen)) {
      TopicImage topic = image.topic(topicId);
      TopicImage before = seen.topic(topicId);
      gone |= topic == null;
      if (before != null && topic != null) {
        for (PartitionImage partition : topic.partitions()) {
          compare(topic, before.partition(partition.partition()), partition, image);
        }
      }
    }
    // Partitions go with their topic only.
    if (gone) {
      changes.keySet().removeIf(id -> image.topic(id.topicId()) == null);
    }
    seen = image;
  }

  private void compare(
      TopicImage topic, PartitionImage before, PartitionImage after, ClusterImage image) {
    if (before == null || before.isr().equals(after.isr())) {
      return;
    }
    List<Integer> left = new ArrayList<>(before.isr());
    left.removeAll(after.isr());
    List<Integer> joined = new ArrayList<>(after.isr());
    joined.removeAll(before.isr());
    List<String> reasons = new ArrayList<>();
    TopicIdPartition id = topic.idOf(after.partition());
    for (int broker : left) {
      reasons.add("broker " + broker + " " + whyLeft(broker, id, before, after, image));
    }
    for (int broker : joined) {
      reasons.add("broker " + broker + " " + whyJoined(broker, before, after));
    }
    if (reasons.isEmpty()) {
      if (before.replicas().equals(after.replicas())) {
        return;
      }
      reasons.add("the replicas were put in another order");
    }
    changes.put(id, new Change(left, joined, String.join("; ", reasons), clock.time()));
  }

  private String whyLeft(
      int broker,
      TopicIdPartition id,
      PartitionImage before,
      PartitionImage after,
      ClusterImage image) {
    BrokerRegistration then = seen.broker(broker);
    BrokerRegistration now = image.broker(broker);
    if (!after.replicas().contains(broker)) {
      return "holds the partition no more";
    }
    if (now == null || now.fenced()) {
      return "was fenced";
    }
    if (then != null && then.epoch() != now.epoch()) {
      return "restarted";
    }
    if (now.offline().contains(id)) {
      return "cannot serve its log";
    }
    if (now.stopping()) {
      return "is stopping";
    }
    if (isUnclean(after)) {
      return "was passed over by an unclean election";
    }
    boolean full = after.leftOut().full().contains(broker);
    if (before.leader() == broker) {
      return full
          ? "gave the leadership up: its disk is full"
          : "lost the leadership: it hears too few of its followers";
    }
    if (full) {
      return "takes no records: its disk is full";
    }
    return after.leftOut().silent().contains(broker)
        ? "was not heard of by its leader for broker.session.timeout.ms"
        : "lagged for replica.lag.time.max.ms";
  }

  private static String whyJoined(int broker, PartitionImage before, PartitionImage after) {
    if (after.leader() != broker || before.leader() == broker) {
      return "caught up";
    }
    return isUnclean(after) ? "was elected uncleanly" : "was elected";
  }

  /** Whether the present leader epoch began with an unclean election. */
  private static boolean isUnclean(PartitionImage partition) {
    return partition.losses().stream()
        .filter(loss -> loss.cause() == RecordLoss.Cause.UNCLEAN_ELECTION)
        .anyMatch(loss -> loss.leaderEpoch() == partition.leaderEpoch());
  }
}
