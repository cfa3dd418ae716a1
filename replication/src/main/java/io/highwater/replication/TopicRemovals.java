package io.highwater.replication;

import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.DeletedTopic;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the data of deleted topics and confirms that to the control plane (CTL-5). What the disk
 * refuses is tried again. On the owner loop.
 */
final class TopicRemovals {
  private static final Logger LOG = LoggerFactory.getLogger(TopicRemovals.class);

  private final int brokerId;
  private final PartitionLogs logs;
  private final Executor io;
  private final MetadataReports reports;
  private final Predicate<UUID> inUse;
  private final Set<UUID> underWay = new HashSet<>();
  private final Set<UUID> removed = new TreeSet<>();
  private final Set<UUID> failed = new TreeSet<>();
  private final RetryPace pace;

  /**
   * @param io frees the space
   * @param inUse whether a topic still has replicas here, which are given up first
   * @param nowMs monotonic time
   */
  TopicRemovals(
      int brokerId,
      PartitionLogs logs,
      Executor io,
      MetadataReports reports,
      Predicate<UUID> inUse,
      LongSupplier nowMs) {
    this.brokerId = brokerId;
    this.logs = logs;
    this.io = io;
    this.reports = reports;
    this.inUse = inUse;
    this.pace = new RetryPace(nowMs);
  }

  /** Begins to remove what an image says is deleted and what is not in use any more. */
  void settle(ClusterImage image) {
    List<UUID> unconfirmed = unconfirmed(image);
    removed.retainAll(unconfirmed);
    failed.retainAll(unconfirmed);
    for (UUID topicId : unconfirmed) {
      if (!removed.contains(topicId) && !underWay.contains(topicId) && !inUse.test(topicId)) {
        remove(topicId);
      }
    }
  }

  /** What failed is tried again, for no image need come when there is room on the disk. */
  void retry(ClusterImage image) {
    if (!failed.isEmpty() && pace.isDue()) {
      settle(image);
    }
  }

  /** Said again until an image shows that it was heard. */
  void confirm(long brokerEpoch) {
    reports.confirmRemovals(brokerEpoch, List.copyOf(removed));
  }

  private void remove(UUID topicId) {
    underWay.add(topicId);
    logs.delete(
        topicId,
        failure -> {
          underWay.remove(topicId);
          if (failure == null) {
            removed.add(topicId);
            failed.remove(topicId);
            io.execute(logs::removeDeleted);
          } else if (failed.add(topicId)) {
            LOG.error(
                "data of deleted topic {} cannot be removed: {}",
                topicId,
                failure.getMessage(),
                failure);
          }
        });
  }

  private List<UUID> unconfirmed(ClusterImage image) {
    List<UUID> topicIds = new ArrayList<>();
    for (DeletedTopic deleted : image.deletedTopics()) {
      if (deleted.unconfirmed().contains(brokerId)) {
        topicIds.add(deleted.id());
      }
    }
    return topicIds;
  }
}
