package io.highwater.replication.leader;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.TopicConfigs;
import io.highwater.replication.control.TopicImage;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Holds back what this broker pushes to replicas that a reassignment adds, to its topic's {@code
 * leader.replication.throttled.rate}; whoever is or was in sync before is not held back. On the
 * owner loop.
 */
final class CatchUpThrottle {
  private static final long UNLIMITED = Long.MAX_VALUE;

  /** Bytes that a topic may send; below zero when a frame took more than there were. */
  private static final class Bucket {
    private long bytes;
    private long filledAtMs;

    Bucket(long rate, long nowMs) {
      bytes = rate;
      filledAtMs = nowMs;
    }

    void fill(long rate, long nowMs) {
      long passedMs = Math.min(1_000, nowMs - filledAtMs);
      // Rates are far below a sum that overflows: they are of bytes on a wire.
      bytes = Math.min(rate, bytes + rate / 1_000 * passedMs + rate % 1_000 * passedMs / 1_000);
      filledAtMs = nowMs;
    }
  }

  private final Supplier<ClusterImage> image;
  private final Map<UUID, Bucket> buckets = new HashMap<>();

  CatchUpThrottle(Supplier<ClusterImage> image) {
    this.image = image;
  }

  /** How long to wait before the next push to the follower; 0: it may go out now. */
  long waitMs(TopicIdPartition partition, int follower, long nowMs) {
    long rate = rateOf(partition, follower);
    if (rate == UNLIMITED) {
      return 0;
    }
    Bucket bucket = buckets.get(partition.topicId());
    if (bucket == null) {
      buckets.keySet().removeIf(topic -> image.get().topic(topic) == null);
      bucket = new Bucket(rate, nowMs);
      buckets.put(partition.topicId(), bucket);
    }
    bucket.fill(rate, nowMs);
    // After a second at most the rate, which may have been altered, is looked at again.
    return bucket.bytes > 0 ? 0 : Math.min(1_000, 1 + -bucket.bytes * 1_000 / rate);
  }

  /** Bytes went out to the follower. */
  void sent(TopicIdPartition partition, int follower, int bytes) {
    Bucket bucket = buckets.get(partition.topicId());
    if (bucket != null && rateOf(partition, follower) != UNLIMITED) {
      bucket.bytes -= bytes;
    }
  }

  private long rateOf(TopicIdPartition id, int follower) {
    TopicImage topic = image.get().topic(id.topicId());
    PartitionImage partition = topic == null ? null : topic.partition(id.partition());
    if (partition == null || !partition.moves().adding().contains(follower)) {
      return UNLIMITED;
    }
    long rate = TopicConfigs.THROTTLED_RATE.in(topic.configs());
    if (rate == UNLIMITED) {
      buckets.remove(id.topicId());
    }
    return rate;
  }
}
