package io.highwater.server.partition;

import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.Replica;
import io.highwater.replication.core.LeaderState;
import io.highwater.replication.core.ReplicaProgress;
import io.highwater.replication.leader.LeaderStreams;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** How far the followers of partitions are that are led here. On the owner loop. */
public final class ReplicaLags {
  /**
   * How far one replica is.
   *
   * @param logEndOffset as far as its leader heard, or -1
   * @param missingBytes of the leader's log, about
   * @param paused whether it is held back because producers wait too long
   */
  public record Lag(
      int brokerId, long logEndOffset, boolean inSync, long missingBytes, boolean paused) {}

  /** How far all replicas are, the leader among them. */
  public record Lags(long logStartOffset, long logEndOffset, List<Lag> replicas) {
    public Lags {
      replicas = List.copyOf(replicas);
    }
  }

  private final LedPartitions partitions;
  private final LeaderStreams streams;

  /** Looks at these partitions, and the streams to their followers. */
  public ReplicaLags(LedPartitions partitions, LeaderStreams streams) {
    this.partitions = partitions;
    this.streams = streams;
  }

  /**
   * Looks.
   *
   * @return fails with a PartitionException
   */
  public CompletableFuture<Lags> of(TopicIdPartition id, int currentLeaderEpoch) {
    try {
      Replica replica = partitions.find(id, currentLeaderEpoch);
      LeaderState state = replica.leaderState();
      List<Lag> lags = new ArrayList<>();
      for (int brokerId : replica.assignment().replicas()) {
        ReplicaProgress progress = state.progress(brokerId);
        long end = progress == null ? state.logEndOffset() : progress.logEndOffset();
        lags.add(
            new Lag(
                brokerId,
                end,
                state.inSync().isCommitted(brokerId),
                replica.log().retention().bytesFrom(end),
                streams.isPaused(id, brokerId)));
      }
      return CompletableFuture.completedFuture(
          new Lags(replica.log().logStartOffset(), state.logEndOffset(), lags));
    } catch (HighwaterException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
