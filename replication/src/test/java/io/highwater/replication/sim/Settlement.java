package io.highwater.replication.sim;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.Replica;
import io.highwater.replication.Replicas;
import io.highwater.replication.control.PartitionImage;

/**
 * The end of a run: all is healed, producers finish, reassignments too, all replicas become equal,
 * new readers read everything, and everything is judged (REP-8).
 */
final class Settlement {
  /** In virtual time, from the end of all faults on. */
  private static final long SETTLE_MS = 20_000;

  private final SimCluster cluster;

  Settlement(SimCluster cluster) {
    this.cluster = cluster;
  }

  void await() {
    cluster.runUntil(
        "everything acknowledged, all in sync",
        SETTLE_MS,
        () -> {
          // A clean stop, or the end after a failure of the disk, may have been under way.
          cluster.restartImpaired();
          return cluster.clients().produced() && cluster.isFullyInSync() && areEqual();
        });
    cluster.clients().startLastReaders();
    cluster.runUntil(
        "everything read, nothing on the move",
        SETTLE_MS,
        () -> {
          cluster.restartImpaired();
          return cluster.clients().consumed() && areEqual() && nothingMoves();
        });
    cluster.guarded(cluster.checker()::checkEnd);
    cluster.guarded(cluster.clients()::check);
  }

  private boolean nothingMoves() {
    return cluster.partitions().stream()
        .allMatch(p -> !p.moves().underWay() && p.moves().left().isEmpty());
  }

  private boolean areEqual() {
    for (PartitionImage image : cluster.partitions()) {
      TopicIdPartition partition = SimCluster.partition(image.partition());
      long committed = cluster.checker().highWatermark(partition);
      for (int id : image.replicas()) {
        Replicas replicas = cluster.broker(id).replicas();
        Replica replica = replicas == null ? null : replicas.replica(partition);
        if (replica == null
            || replica.log().logEndOffset() != committed
            || replica.highWatermark() != committed) {
          return false;
        }
      }
    }
    return true;
  }
}
