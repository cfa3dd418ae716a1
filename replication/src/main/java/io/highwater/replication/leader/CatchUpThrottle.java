package io.highwater.replication.leader;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.TopicConfigs;
import io.highwater.replication.control.TopicImage;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.agrona.concurrent.NanoClock;

/**
 * Holds back what this broker pushes to replicas that a reassignment adds: to its topic's {@code
 * leader.replication.throttled.rate}, and all of them together to what producers bear; whoever is
 * or was in sync before is not held back. On the owner loop.
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

    long waitMs(long rate) {
      // After a second at most the rate, which may have changed, is looked at again.
      return bytes > 0 ? 0 : Math.min(1_000, 1 + -bytes * 1_000 / rate);
    }
  }

  private final Supplier<ClusterImage> image;
  private final CatchUpRate bearable;
  private final NanoClock clock;
  private final Map<UUID, Bucket> buckets = new HashMap<>();
  private final Bucket all;

  /**
   * @param bearable for producers
   */
  CatchUpThrottle(Supplier<ClusterImage> image, CatchUpRate bearable, NanoClock clock) {
    this.image = image;
    this.bearable = bearable;
    this.clock = clock;
    this.all = new Bucket(0, nowMs());
  }

  private long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(clock.nanoTime());
  }

  /** How long to wait before the next push to the follower; 0: it may go out now. */
  long waitMs(TopicIdPartition partition, int follower) {
    return isAdded(partition, follower)
        ? Math.max(topicWaitMs(partition, nowMs()), bearableWaitMs(nowMs()))
        : 0;
  }

  private long bearableWaitMs(long nowMs) {
    long rate = bearable.bytesPerSecond(clock.nanoTime());
    if (rate == CatchUpRate.UNLIMITED) {
      return 0;
    }
    all.fill(rate, nowMs);
    return all.waitMs(rate);
  }

  private long topicWaitMs(TopicIdPartition partition, long nowMs) {
    long rate = rateOf(partition);
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
    return bucket.waitMs(rate);
  }

  /** Bytes went out to the follower. */
  void sent(TopicIdPartition partition, int follower, int bytes) {
    if (!isAdded(partition, follower)) {
      return;
    }
    long now = clock.nanoTime();
    bearable.sent(bytes, now);
    if (bearable.bytesPerSecond(now) != CatchUpRate.UNLIMITED) {
      all.bytes -= bytes;
    }
    Bucket bucket = buckets.get(partition.topicId());
    if (bucket != null && rateOf(partition) != UNLIMITED) {
      bucket.bytes -= bytes;
    }
  }

  /** Whether the follower is held back because producers wait. */
  boolean isPaused(TopicIdPartition partition, int follower) {
    return isAdded(partition, follower)
        && bearable.bytesPerSecond(clock.nanoTime()) != CatchUpRate.UNLIMITED;
  }

  private boolean isAdded(TopicIdPartition id, int follower) {
    PartitionImage partition = image.get().partition(id);
    return partition != null && partition.moves().adding().contains(follower);
  }

  private long rateOf(TopicIdPartition id) {
    TopicImage topic = image.get().topic(id.topicId());
    long rate = TopicConfigs.THROTTLED_RATE.in(topic.configs());
    if (rate == UNLIMITED) {
      buckets.remove(id.topicId());
    }
    return rate;
  }
}
