package io.highwater.replication;

import io.highwater.log.EpochEnd;
import io.highwater.log.LogConfig;
import io.highwater.log.LogDirectories;
import io.highwater.log.LogDirectory;
import io.highwater.log.PartitionLog;
import io.highwater.log.space.SpaceLimits;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.TopicImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partition logs in this broker's log directories by topic id, so that a topic never meets the
 * data of another one of its name (CTL-5). On the owner loop.
 */
final class PartitionLogs {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionLogs.class);

  private final LogDirectories directories;
  private final Map<TopicPartition, Set<UUID>> onDisk = new HashMap<>();

  /** What was this broker's before it came back, and may be still: it must be somewhere. */
  private final Set<TopicIdPartition> expected = new HashSet<>();

  PartitionLogs(LogDirectories directories) {
    this.directories = directories;
    directories.partitions().forEach((name, topics) -> onDisk.put(name, new HashSet<>(topics)));
  }

  private boolean isOnDisk(TopicPartition name, UUID topicId) {
    return onDisk.getOrDefault(name, Set.of()).contains(topicId);
  }

  /**
   * Takes note of what is this broker's already; younger partitions are created where there is
   * none.
   */
  void expect(ClusterImage image, int brokerId) {
    expected.clear();
    for (TopicImage topic : image.topics()) {
      for (PartitionImage partition : topic.partitions()) {
        if (partition.replicas().contains(brokerId)) {
          expected.add(topic.idOf(partition.partition()));
        }
      }
    }
  }

  /**
   * Opens or creates a log. Data of an unknown topic of the same name is set aside first.
   *
   * @throws HighwaterException as {@link LogDirectories#openOrCreate}; KAFKA_STORAGE_ERROR when it
   *     may be in a directory that could not be opened
   */
  PartitionLog open(TopicImage topic, TopicIdPartition id, LogConfig config) {
    TopicPartition name = new TopicPartition(topic.name(), id.partition());
    if (expected.contains(id)) {
      directories.requireFound(name);
      directories.requireNotLost(name, id.topicId());
    }
    Set<UUID> found = onDisk.computeIfAbsent(name, unused -> new HashSet<>());
    for (UUID other : List.copyOf(found)) {
      if (!other.equals(id.topicId())) {
        LOG.warn("setting {} of unknown topic id {} aside", name, other);
        directories.setAside(name, other);
        found.remove(other);
      }
    }
    // Before: of one that fails something may be there, which its removal must not miss.
    found.add(id.topicId());
    return directories.openOrCreate(name, id.topicId(), config);
  }

  /**
   * Removes what there is of one partition; {@link LogDirectory#removeDeleted} frees the space.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR also when it may be in a directory that is
   *     offline
   */
  void delete(TopicImage topic, TopicIdPartition id) {
    TopicPartition name = new TopicPartition(topic.name(), id.partition());
    if (isOnDisk(name, id.topicId())) {
      directories.delete(name, id.topicId());
      onDisk.get(name).remove(id.topicId());
    } else {
      // Until that is known not to be so, something of it is somewhere: nothing begins anew.
      expected.add(id);
      directories.requireFound(name);
    }
    expected.remove(id);
  }

  /**
   * Removes what there is of a deleted topic; {@link LogDirectory#removeDeleted} frees the space.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR also when some of it may be in a directory that
   *     is offline; the rest is removed then
   */
  void delete(UUID topicId) {
    List<TopicPartition> gone = new ArrayList<>();
    onDisk.forEach(
        (partition, ids) -> {
          if (ids.contains(topicId)) {
            gone.add(partition);
          }
        });
    for (TopicPartition partition : gone) {
      directories.delete(partition, topicId);
      onDisk.get(partition).remove(topicId);
    }
    directories.requireAllOpen();
  }

  /**
   * Sets the damaged log of a partition aside; the next {@link #open} begins an empty one. Data of
   * another topic, or of which the topic id is not readable, is kept for good (CTL-5).
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR
   */
  void setDamagedAside(TopicPartition name, TopicIdPartition id) {
    if (isOnDisk(name, id.topicId())) {
      directories.setDamagedAside(name, id.topicId());
    } else {
      Set<UUID> others = onDisk.getOrDefault(name, Set.of());
      (others.isEmpty() ? Set.of(id.topicId()) : others)
          .forEach(topicId -> directories.setAside(name, topicId));
    }
    onDisk.remove(name);
  }

  /**
   * As {@link #setDamagedAside} for a log that is sound but holds something else than others do; it
   * is kept for good once its partition was fetched again.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR
   */
  void setDifferingAside(TopicPartition name, TopicIdPartition id) {
    directories.setDifferingAside(name, id.topicId());
    onDisk.remove(name);
  }

  /**
   * Of which partitions damaged logs lie aside.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR
   */
  Set<TopicIdPartition> damagedAside() {
    return directories.damagedAside();
  }

  /**
   * Deletes what lies aside of a partition; what is left over now goes another time. Any thread.
   */
  void deleteDamaged(TopicIdPartition id) {
    for (LogDirectory directory : directories.live()) {
      try {
        directory.deleteDamaged(id);
      } catch (HighwaterException e) {
        LOG.warn("the damaged log of {} is still there: {}", id, e.getMessage());
      }
    }
  }

  /**
   * The high watermark of a log that does not open, as {@link
   * LogDirectories#checkpointedHighWatermark}.
   */
  Optional<EpochEnd> checkpointedHighWatermark(TopicPartition name) {
    return directories.checkpointedHighWatermark(name);
  }

  /** Whether the disk takes and gives nothing any more: then a log is not to be begun again. */
  boolean isOffline(TopicPartition name) {
    return directories.isOffline(name);
  }

  /** Writes the checkpoints. A failure leaves the last ones, which claim less. Any thread. */
  void checkpoint() {
    for (LogDirectory directory : directories.live()) {
      try {
        directory.checkpoint();
      } catch (HighwaterException e) {
        LOG.warn("checkpoints are not written: {}", e.getMessage());
      }
    }
  }

  /** Looks how much room the disks have. Any thread. */
  void checkSpace(SpaceLimits limits) {
    for (LogDirectory directory : directories.live()) {
      try {
        directory.checkSpace(limits);
      } catch (HighwaterException e) {
        LOG.warn("the space of {} is not known: {}", directory.root(), e.getMessage());
      }
    }
  }

  /** Frees the space of what was deleted; what is left over now goes another time. Any thread. */
  void removeDeleted() {
    for (LogDirectory directory : directories.live()) {
      try {
        directory.removeDeleted();
      } catch (HighwaterException e) {
        LOG.warn("deleted partitions are still there: {}", e.getMessage());
      }
    }
  }
}
