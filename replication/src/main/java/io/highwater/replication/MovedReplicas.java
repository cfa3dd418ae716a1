package io.highwater.replication;

import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.TopicImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the data of partitions that moved to other brokers, where the image names this broker as
 * one that left (KIP-455), and says so until an image shows that it was heard. What the disk
 * refuses is tried again. On the owner loop.
 */
final class MovedReplicas {
  private static final Logger LOG = LoggerFactory.getLogger(MovedReplicas.class);

  private final int brokerId;
  private final PartitionLogs logs;
  private final OwnerLoop loop;
  private final Executor io;
  private final MetadataReports reports;
  private final Map<String, List<TopicIdPartition>> due = new LinkedHashMap<>();
  private final Map<TopicIdPartition, Removal> underWay = new HashMap<>();
  private final Set<TopicIdPartition> removed = new HashSet<>();
  private final Set<TopicIdPartition> failed = new HashSet<>();
  private final RetryPace pace;
  private boolean freeing;

  /**
   * @param io frees the space
   * @param nowMs monotonic time
   */
  MovedReplicas(
      int brokerId,
      PartitionLogs logs,
      OwnerLoop loop,
      Executor io,
      MetadataReports reports,
      LongSupplier nowMs) {
    this.brokerId = brokerId;
    this.logs = logs;
    this.loop = loop;
    this.io = io;
    this.reports = reports;
    this.pace = new RetryPace(nowMs);
  }

  /** What was begun for one leave; it says nothing of what came back since and left again. */
  private static final class Removal {}

  /** What the image shows to be heard need not be said any more; what failed is tried again. */
  void settle(ClusterImage image) {
    underWay.keySet().removeIf(id -> !isNamed(image.partition(id)));
    failed.removeIf(id -> !isNamed(image.partition(id)));
    for (TopicIdPartition id : List.copyOf(failed)) {
      left(image.topic(id.topicId()), image.partition(id));
    }
    remove();
    removed.removeIf(id -> !isNamed(image.partition(id)));
  }

  /** What failed is tried again, for no image need come when there is room on the disk. */
  void retry(ClusterImage image) {
    if (!failed.isEmpty() && pace.isDue()) {
      settle(image);
    }
  }

  private boolean isNamed(PartitionImage partition) {
    return partition != null && partition.moves().left().contains(brokerId);
  }

  /**
   * Takes note of a partition of which this broker is no replica, if it left; whether it did.
   * {@link #remove} removes all of them.
   */
  boolean left(TopicImage topic, PartitionImage partition) {
    TopicIdPartition id = topic.idOf(partition.partition());
    if (!isNamed(partition)) {
      return false;
    }
    if (!removed.contains(id) && underWay.putIfAbsent(id, new Removal()) == null) {
      due.computeIfAbsent(topic.name(), unused -> new ArrayList<>()).add(id);
    }
    return true;
  }

  /** Removes what left, the partitions of a topic together. */
  void remove() {
    due.forEach(
        (topic, ids) -> {
          Map<TopicIdPartition, Removal> begun = new HashMap<>();
          ids.forEach(id -> begun.put(id, underWay.get(id)));
          logs.delete(topic, ids, (id, failure) -> ended(topic, id, begun.get(id), failure));
        });
    due.clear();
  }

  private void ended(
      String topic, TopicIdPartition id, Removal removal, HighwaterException failure) {
    boolean stillAway = underWay.remove(id, removal);
    if (failure == null) {
      if (stillAway) {
        removed.add(id);
        failed.remove(id);
      }
      LOG.info("{}-{} moved away, its data is removed", topic, id.partition());
      freeSpace();
    } else if (stillAway && failed.add(id)) {
      LOG.error(
          "data of {}-{}, which moved away, cannot be removed: {}",
          topic,
          id.partition(),
          failure.getMessage(),
          failure);
    }
  }

  /** Once for all that ended in a turn. */
  private void freeSpace() {
    if (!freeing) {
      freeing = true;
      loop.execute(
          () -> {
            freeing = false;
            io.execute(logs::removeDeleted);
          });
    }
  }

  /** Said again until an image shows that it was heard. */
  void confirm(long brokerEpoch) {
    reports.confirmReplicaRemovals(brokerEpoch, List.copyOf(removed));
  }
}
