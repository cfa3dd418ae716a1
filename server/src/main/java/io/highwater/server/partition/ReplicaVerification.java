package io.highwater.server.partition;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.leader.ComparedRange;
import io.highwater.replication.leader.LeaderStreams;
import java.util.concurrent.CompletableFuture;

/**
 * Compares what the replicas of a partition led here hold, for an operator who asks. On the loop.
 */
public final class ReplicaVerification {
  /** At once: all replicas read for it. */
  private static final int MAX_UNDER_WAY = 2;

  private final LedPartitions partitions;
  private final LeaderStreams streams;
  private int underWay;

  /** Looks at these partitions, and asks their followers. */
  public ReplicaVerification(LedPartitions partitions, LeaderStreams streams) {
    this.partitions = partitions;
    this.streams = streams;
  }

  /**
   * Compares the next range.
   *
   * @param fromOffset where to begin; below the log start for its beginning
   * @param repair whether followers that differ are fetched again where no majority tells
   * @return fails with a PartitionException, with THROTTLING_QUOTA_EXCEEDED while others are under
   *     way, or as {@link LeaderStreams#compare}
   */
  public CompletableFuture<ComparedRange> next(
      TopicIdPartition id, int currentLeaderEpoch, long fromOffset, boolean repair) {
    try {
      partitions.find(id, currentLeaderEpoch);
    } catch (HighwaterException e) {
      return CompletableFuture.failedFuture(e);
    }
    if (underWay >= MAX_UNDER_WAY) {
      return CompletableFuture.failedFuture(
          new HighwaterException(
              ErrorCode.THROTTLING_QUOTA_EXCEEDED, "other comparisons are under way"));
    }
    underWay++;
    return streams.compare(id, fromOffset, repair).whenComplete((range, failure) -> underWay--);
  }
}
