package io.highwater.replication.sim;

import io.highwater.log.PartitionLog;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.LostRecords;
import io.highwater.replication.ReaderPosition;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.RecordLoss;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;

/**
 * Holds the cluster to what it says of losses: each is in the metadata as soon as it shows (LEP-7),
 * each reader that has read what is gone is told, however far the log has grown since (CON-1), and
 * nobody else is.
 */
final class LossChecker {
  private record Loss(
      TopicIdPartition partition,
      long fromOffset,
      List<StoredBatch> kept,
      List<StoredBatch> gone) {}

  private final SimCluster cluster;
  private final List<Loss> losses = new ArrayList<>();

  LossChecker(SimCluster cluster) {
    this.cluster = cluster;
  }

  /**
   * A new leader lacks what was committed from an offset on.
   *
   * @param committed all of it, by offset
   * @param endOffset exclusive end of it
   */
  void lost(
      TopicIdPartition partition,
      NavigableMap<Long, StoredBatch> committed,
      long fromOffset,
      long endOffset) {
    if (fromOffset >= endOffset) {
      return;
    }
    PartitionImage image = cluster.quorum().image().partition(partition);
    require(image.tellsOfLoss(fromOffset, endOffset), "LEP-7: not on record", fromOffset, image);
    losses.add(
        new Loss(
            partition,
            fromOffset,
            List.copyOf(committed.headMap(fromOffset).values()),
            List.copyOf(committed.tailMap(fromOffset).values())));
  }

  boolean hasLost() {
    return !losses.isEmpty();
  }

  /** At the end, when other records have taken the place of those that are gone. */
  void checkEnd() {
    losses.forEach(this::checkReaders);
    for (PartitionImage image : cluster.partitions()) {
      TopicIdPartition partition = SimCluster.partition(image.partition());
      if (losses.stream().noneMatch(loss -> loss.partition().equals(partition))) {
        for (RecordLoss told : image.losses()) {
          require(!told.isCertain(), "LEP-7: nothing was lost", told);
          require(told.isNone() || !cluster.flushesBeforeAcknowledging(), "ISR-4: kept", told);
        }
      }
    }
  }

  private void checkReaders(Loss loss) {
    for (StoredBatch batch : loss.gone()) {
      Optional<LostRecords> told = told(loss, batch, batch.leaderEpoch());
      require(told.isPresent() && told.get().certain(), "CON-1: not told", batch, loss);
      require(told.get().fromOffset() <= loss.fromOffset(), "CON-1: too late", told, loss);
      if (batch.lastOffset() < log(loss).logEndOffset()) {
        require(told(loss, batch, ReaderPosition.UNKNOWN).isPresent(), "CON-1: no word", batch);
      }
    }
    for (StoredBatch batch : loss.kept()) {
      Optional<LostRecords> told = told(loss, batch, batch.leaderEpoch());
      require(told.isEmpty(), "CON-1: told of a loss that is none", told, batch);
    }
  }

  private Optional<LostRecords> told(Loss loss, StoredBatch last, int lastEpoch) {
    ReaderPosition position =
        new ReaderPosition(last.lastOffset() + 1, lastEpoch, ReaderPosition.UNKNOWN);
    return LostRecords.of(log(loss), image(loss).losses(), cluster.sabotage().positionOf(position));
  }

  private PartitionImage image(Loss loss) {
    return cluster.quorum().image().partition(loss.partition());
  }

  private PartitionLog log(Loss loss) {
    int leader = image(loss).leader();
    return cluster.broker(leader).replicas().replica(loss.partition()).log();
  }

  private static void require(boolean holds, String what, Object... details) {
    if (!holds) {
      throw new AssertionError(what + " " + List.of(details));
    }
  }
}
