package io.highwater.replication;

import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.TopicImage;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the data of partitions that moved to other brokers, where the image names this broker as
 * one that left (KIP-455), and says so until an image shows that it was heard. On the owner loop.
 */
final class MovedReplicas {
  private static final Logger LOG = LoggerFactory.getLogger(MovedReplicas.class);

  private final int brokerId;
  private final PartitionLogs logs;
  private final Executor io;
  private final MetadataReports reports;
  private final Set<TopicIdPartition> removed = new HashSet<>();
  private final Set<TopicIdPartition> failed = new HashSet<>();

  /**
   * @param io frees the space
   */
  MovedReplicas(int brokerId, PartitionLogs logs, Executor io, MetadataReports reports) {
    this.brokerId = brokerId;
    this.logs = logs;
    this.io = io;
    this.reports = reports;
  }

  /** What the image shows to be heard need not be said any more; what failed is tried again. */
  void settle(ClusterImage image) {
    failed.removeIf(id -> !isNamed(image.partition(id)));
    for (TopicIdPartition id : List.copyOf(failed)) {
      left(image.topic(id.topicId()), image.partition(id));
    }
    removed.removeIf(id -> !isNamed(image.partition(id)));
  }

  private boolean isNamed(PartitionImage partition) {
    return partition != null && partition.moves().left().contains(brokerId);
  }

  /** Removes a partition of which this broker is no replica, if it left; whether it did. */
  boolean left(TopicImage topic, PartitionImage partition) {
    TopicIdPartition id = topic.idOf(partition.partition());
    if (!isNamed(partition)) {
      return false;
    }
    if (!removed.contains(id)) {
      try {
        logs.delete(topic, id);
        removed.add(id);
        failed.remove(id);
        io.execute(logs::removeDeleted);
        LOG.info("{}-{} moved away, its data is removed", topic.name(), id.partition());
      } catch (HighwaterException e) {
        if (failed.add(id)) {
          LOG.error(
              "data of {}-{}, which moved away, cannot be removed: {}",
              topic.name(),
              id.partition(),
              e.getMessage(),
              e);
        }
      }
    }
    return true;
  }

  /** Said again until an image shows that it was heard. */
  void confirm(long brokerEpoch) {
    reports.confirmReplicaRemovals(brokerEpoch, List.copyOf(removed));
  }
}
