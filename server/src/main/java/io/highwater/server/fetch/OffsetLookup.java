package io.highwater.server.fetch;

import io.highwater.log.EpochEnd;
import io.highwater.log.OffsetAtTimestamp;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.LogStatus;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.Replica;
import io.highwater.server.partition.LedPartitions;
import io.highwater.server.partition.PartitionException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Answers where a partition's log begins, ends, or reaches a time. On the owner loop. */
public final class OffsetLookup {
  /** The offset and timestamp of an answer that found nothing. */
  public static final long NOTHING = -1;

  private final LedPartitions partitions;
  private final Executor ioPool;
  private final OwnerLoop loop;

  /**
   * @param ioPool searches by time, which may read from disk
   */
  public OffsetLookup(LedPartitions partitions, Executor ioPool, OwnerLoop loop) {
    this.partitions = partitions;
    this.ioPool = ioPool;
    this.loop = loop;
  }

  /** Which offset is wanted. */
  public enum Spec {
    /** The log start offset. */
    EARLIEST,
    /** The high watermark. */
    LATEST,
    /** The log end offset, committed or not. */
    LOG_END,
    /** The first record of a time or later. */
    TIMESTAMP
  }

  /**
   * An answer.
   *
   * @param timestamp of the record found by time, else {@link #NOTHING}
   */
  public record Found(long offset, long timestamp, LogStatus status) {}

  /**
   * Looks an offset up.
   *
   * @param timestamp ms since 1970, for {@link Spec#TIMESTAMP}
   * @return completes on the owner loop; fails with a PartitionException or HighwaterException,
   *     e.g. OFFSET_NOT_AVAILABLE where the leader cannot tell the committed end yet (REP-4), or
   *     the in-sync replicas do not confirm it (FEN-2)
   */
  public CompletableFuture<Found> find(
      TopicIdPartition id, int currentLeaderEpoch, Spec spec, long timestamp) {
    Replica replica;
    try {
      replica = partitions.find(id, currentLeaderEpoch);
    } catch (PartitionException e) {
      return CompletableFuture.failedFuture(e);
    }
    return switch (spec) {
      case EARLIEST -> found(replica, replica.log().logStartOffset());
      case LATEST -> latest(replica);
      case LOG_END -> found(replica, replica.log().logEndOffset());
      case TIMESTAMP -> byTime(replica, timestamp);
    };
  }

  /**
   * Where a leader epoch ended.
   *
   * @throws PartitionException when the partition is not led here in this epoch
   */
  public EpochEnd endOfEpoch(TopicIdPartition id, int currentLeaderEpoch, int leaderEpoch) {
    return partitions.find(id, currentLeaderEpoch).log().endOf(leaderEpoch);
  }

  private static CompletableFuture<Found> latest(Replica replica) {
    return replica.confirmedEnd().thenCompose(end -> found(replica, end));
  }

  private static CompletableFuture<Found> found(Replica replica, long offset) {
    return CompletableFuture.completedFuture(new Found(offset, NOTHING, replica.status()));
  }

  /** That there is no such record is a claim about the end, too. */
  private CompletableFuture<Found> byTime(Replica replica, long timestamp) {
    return replica
        .confirmedEnd()
        .thenApplyAsync(end -> replica.log().offsetForTimestamp(timestamp, end), ioPool)
        .thenApplyAsync(
            (Optional<OffsetAtTimestamp> record) ->
                new Found(
                    record.map(OffsetAtTimestamp::offset).orElse(NOTHING),
                    record.map(OffsetAtTimestamp::timestamp).orElse(NOTHING),
                    replica.status()),
            loop::execute);
  }
}
