package io.highwater.server.partition;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.LogMaintenance;
import io.highwater.replication.LogStatus;
import io.highwater.replication.RecordDeletion;
import io.highwater.replication.Replica;
import java.util.concurrent.CompletableFuture;

/** Deletes the oldest records of partitions that are led here. On the owner loop. */
public final class RecordDeleter {
  private final LedPartitions partitions;
  private final LogMaintenance maintenance;

  /** Deletes from these partitions. */
  public RecordDeleter(LedPartitions partitions, LogMaintenance maintenance) {
    this.partitions = partitions;
    this.maintenance = maintenance;
  }

  /** What went, or would go, and where the log stands. */
  public record Outcome(RecordDeletion deletion, LogStatus status) {}

  /**
   * Deletes, or only looks.
   *
   * @param beforeOffset as {@link RecordDeletion#of}
   * @return completes on the owner loop when all in-sync replicas have let the records go, so that
   *     no change of leaders brings them back (KIP-107), and no crash of this broker does; fails
   *     with a PartitionException or HighwaterException: REQUEST_TIMED_OUT when they did not all
   *     answer, though they will hear of it
   */
  public CompletableFuture<Outcome> delete(
      TopicIdPartition id, int currentLeaderEpoch, long beforeOffset, boolean dryRun) {
    try {
      Replica replica = partitions.find(id, currentLeaderEpoch);
      RecordDeletion deletion = RecordDeletion.of(replica, beforeOffset);
      if (dryRun) {
        return CompletableFuture.completedFuture(new Outcome(deletion, replica.status()));
      }
      replica.startLogAt(deletion.logStart());
      CompletableFuture<Outcome> done = new CompletableFuture<>();
      CompletableFuture<Long> unused =
          replica
              .confirmedEnd() // What is sent for that carries the log start.
              .whenComplete(
                  (end, failure) -> {
                    if (failure == null) {
                      maintenance.checkpoint(() -> finish(replica, deletion, done));
                    } else {
                      done.completeExceptionally(unconfirmed(failure));
                    }
                  });
      return done;
    } catch (HighwaterException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static HighwaterException unconfirmed(Throwable failure) {
    return new HighwaterException(
        ErrorCode.REQUEST_TIMED_OUT,
        "the records are gone here, but not on every in-sync replica yet: " + failure.getMessage(),
        failure);
  }

  private static void finish(
      Replica replica, RecordDeletion deletion, CompletableFuture<Outcome> done) {
    if (replica.log().retention().isStartDurable()) {
      done.complete(new Outcome(deletion, replica.status()));
    } else {
      done.completeExceptionally(
          new HighwaterException(
              ErrorCode.STORAGE_FULL,
              io.highwater.proto.Outcome.UNKNOWN,
              "the records are gone, but a crash may bring them back: no checkpoint was written",
              null));
    }
  }
}
