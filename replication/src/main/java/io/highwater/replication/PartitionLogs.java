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
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partition logs in this broker's log directories by topic id, so that a topic never meets the
 * data of another one of its name (CTL-5). On the owner loop; what waits for the disk is a {@link
 * DiskSteps step}.
 */
final class PartitionLogs {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionLogs.class);

  private final LogDirectories directories;
  private final DiskSteps disk;
  private final Map<TopicPartition, Set<UUID>> onDisk = new HashMap<>();

  /** What was this broker's before it came back, and may be still: it must be somewhere. */
  private final Set<TopicIdPartition> expected = new HashSet<>();

  /** What is here of topics that the cluster does not know, as far as it was said. */
  private final Set<TopicPartition> unknownTold = new HashSet<>();

  /** Topics that the cluster does not know, of which it was said that they are set aside. */
  private final Set<UUID> told = new HashSet<>();

  /**
   * @param disk runs what waits for the disk
   */
  PartitionLogs(LogDirectories directories, DiskSteps disk) {
    this.directories = directories;
    this.disk = disk;
    directories.partitions().forEach((name, topics) -> onDisk.put(name, new HashSet<>(topics)));
  }

  private static TopicPartition name(String topic, TopicIdPartition id) {
    return new TopicPartition(topic, id.partition());
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
    tellUnknown(image);
  }

  /** What is here of topics that the cluster does not know: its metadata may be an older copy. */
  private void tellUnknown(ClusterImage image) {
    List<TopicPartition> unknown =
        onDisk.entrySet().stream()
            .filter(
                found ->
                    found.getValue().stream()
                        .anyMatch(id -> image.topic(id) == null && image.deletedTopic(id) == null))
            .map(Map.Entry::getKey)
            .sorted(
                Comparator.comparing(TopicPartition::topic)
                    .thenComparing(TopicPartition::partition))
            .toList();
    if (!unknown.isEmpty() && unknownTold.addAll(unknown)) {
      LOG.warn(
          "{} partitions here are of topics that the cluster does not know, {} first: they stay as"
              + " they are. If its metadata is an older copy, bring the newest back; 'highwater log"
              + " salvage' reads them",
          unknown.size(),
          unknown.get(0));
    }
  }

  /** The log of a partition if it is open, and nothing is under way with it; else null. */
  PartitionLog opened(TopicImage topic, TopicIdPartition id) {
    TopicPartition name = name(topic.name(), id);
    boolean alone = onDisk.getOrDefault(name, Set.of()).equals(Set.of(id.topicId()));
    return alone && disk.isIdle(name) ? directories.opened(name).orElse(null) : null;
  }

  /** A log to be opened. */
  record Opening(TopicPartition name, TopicIdPartition id, LogConfig config) {
    Opening(TopicImage topic, TopicIdPartition id, LogConfig config) {
      this(PartitionLogs.name(topic.name(), id), id, config);
    }
  }

  /** What became of an {@link Opening}: a failure or none. */
  interface OpeningListener {
    /**
     * A log is open, or cannot be.
     *
     * @param failure as of {@link LogDirectories#openOrCreate}; KAFKA_STORAGE_ERROR when the log
     *     may be in a directory that could not be opened; null when {@link #opened} has it
     */
    void ended(Opening opening, HighwaterException failure);
  }

  /**
   * Opens or creates logs, of different partitions, in one step; logs that are all new behind
   * others. Data of unknown topics of the same names is set aside first.
   */
  void open(List<Opening> openings, OpeningListener listener) {
    Map<Opening, List<UUID>> strays = new LinkedHashMap<>();
    boolean allNew =
        openings.stream()
            .noneMatch(o -> expected.contains(o.id) || isOnDisk(o.name, o.id.topicId()));
    for (Opening opening : openings) {
      Set<UUID> found = onDisk.computeIfAbsent(opening.name(), unused -> new HashSet<>());
      strays.put(opening, found.stream().filter(o -> !o.equals(opening.id.topicId())).toList());
      // Before: of one that fails something may be there, which its removal must not miss.
      found.add(opening.id.topicId());
    }
    Set<TopicIdPartition> known = new HashSet<>();
    openings.stream().map(Opening::id).filter(expected::contains).forEach(known::add);
    disk.run(
        openings.stream().map(Opening::name).toList(),
        allNew ? DiskSteps.Rank.BEHIND : DiskSteps.Rank.SERVED,
        () -> openOnDisk(strays, known),
        (opened, unused) -> {
          opened.setAside.forEach(this::tell);
          strays.forEach(
              (opening, others) -> {
                HighwaterException failure = opened.failures.get(opening);
                if (failure == null) {
                  forget(opening.name(), others);
                }
                listener.ended(opening, failure);
              });
        });
  }

  /** Once for each topic: it may have thousands of partitions. */
  private void tell(UUID topicId, String topic) {
    if (told.add(topicId)) {
      LOG.warn(
          "what is here of another topic {}, with id {}, which the cluster does not know, is set"
              + " aside in directories that end in -stray: {} partitions at most",
          topic,
          topicId,
          onDisk.values().stream().filter(topics -> topics.contains(topicId)).count());
    }
  }

  /**
   * What a step did.
   *
   * @param failures of what could not be opened
   * @param setAside ids of unknown topics of which data was set aside, with their name
   */
  private record Opened(Map<Opening, HighwaterException> failures, Map<UUID, String> setAside) {}

  private Opened openOnDisk(Map<Opening, List<UUID>> strays, Set<TopicIdPartition> known) {
    Map<Opening, HighwaterException> failures = new HashMap<>();
    Map<UUID, String> setAside = new LinkedHashMap<>();
    Map<TopicPartition, UUID> wanted = new LinkedHashMap<>();
    strays.forEach(
        (opening, others) -> {
          try {
            if (known.contains(opening.id)) {
              directories.requireFound(opening.name(), opening.id.topicId());
              directories.requireNotLost(opening.name(), opening.id.topicId());
            }
            for (UUID other : others) {
              // A deleted topic's is gone already, if that was heard first.
              if (directories.setAside(opening.name(), other)) {
                setAside.put(other, opening.name().topic());
              }
            }
            wanted.put(opening.name(), opening.id.topicId());
          } catch (HighwaterException e) {
            failures.put(opening, e);
          }
        });
    try {
      directories.createDirectories(wanted);
    } catch (HighwaterException e) {
      LOG.debug("to be seen which of the logs can be created: {}", e.getMessage());
    }
    for (Opening opening : strays.keySet()) {
      if (!failures.containsKey(opening)) {
        try {
          directories.openOrCreate(opening.name(), opening.id.topicId(), opening.config);
        } catch (HighwaterException e) {
          failures.put(opening, e);
        }
      }
    }
    return new Opened(failures, setAside);
  }

  /**
   * Removes what there is of some partitions of a topic, which are no replicas any more, in one
   * step; {@link LogDirectory#removeDeleted} frees the space. Not again before it is done.
   *
   * @param whenDone hears of each partition, with null when it is gone, else KAFKA_STORAGE_ERROR,
   *     also when it may be in a directory that is offline
   */
  void delete(
      String topic,
      List<TopicIdPartition> ids,
      BiConsumer<TopicIdPartition, HighwaterException> whenDone) {
    List<TopicPartition> names = new ArrayList<>();
    for (TopicIdPartition id : ids) {
      TopicPartition name = name(topic, id);
      if (!isOnDisk(name, id.topicId())) {
        // Until that is known not to be so, something of it is somewhere: nothing begins anew.
        expected.add(id);
      }
      names.add(name);
    }
    remove(
        names,
        ids.get(0).topicId(),
        removal -> {
          for (TopicIdPartition id : ids) {
            boolean gone = removal.gone.contains(name(topic, id));
            if (gone) {
              expected.remove(id);
            }
            whenDone.accept(id, gone ? null : removal.failure);
          }
        });
  }

  /**
   * Removes what there is of a deleted topic, of which nothing is a replica any more, in one step;
   * {@link LogDirectory#removeDeleted} frees the space. Not again before it is done.
   *
   * @param whenDone hears null, or KAFKA_STORAGE_ERROR, also when some of it may be in a directory
   *     that is offline; the rest is gone then
   */
  void delete(UUID topicId, Consumer<HighwaterException> whenDone) {
    List<TopicPartition> names = new ArrayList<>();
    onDisk.forEach(
        (partition, ids) -> {
          if (ids.contains(topicId)) {
            names.add(partition);
          }
        });
    remove(
        names,
        topicId,
        removal -> {
          try {
            directories.requireAllOpen();
            whenDone.accept(removal.failure);
          } catch (HighwaterException e) {
            whenDone.accept(e);
          }
        });
  }

  /** What became of a removal: the partitions that are gone, and why others are not. */
  private record Removal(Set<TopicPartition> gone, HighwaterException failure) {}

  private void remove(List<TopicPartition> names, UUID topicId, Consumer<Removal> whenDone) {
    // Under a name of which this topic has nothing there may be another's data.
    Set<TopicPartition> own = new LinkedHashSet<>(names);
    own.removeIf(name -> !isOnDisk(name, topicId));
    disk.run(
        names,
        DiskSteps.Rank.BEHIND,
        () -> {
          Set<TopicPartition> gone = new HashSet<>();
          try {
            directories.delete(own, topicId, gone::add);
            for (TopicPartition name : names) {
              if (!own.contains(name)) {
                directories.requireFound(name, topicId);
                gone.add(name);
              }
            }
            return new Removal(gone, null);
          } catch (HighwaterException e) {
            return new Removal(gone, e);
          }
        },
        (removal, unused) -> {
          removal.gone.forEach(name -> forget(name, Set.of(topicId)));
          whenDone.accept(removal);
        });
  }

  private void forget(TopicPartition name, Collection<UUID> topicIds) {
    onDisk.computeIfPresent(
        name,
        (unused, ids) -> {
          ids.removeAll(topicIds);
          return ids.isEmpty() ? null : ids;
        });
  }

  /**
   * Sets the damaged log of a partition aside; the next {@link #open} begins an empty one. Data of
   * another topic, or of which the topic id is not readable, is kept for good (CTL-5).
   *
   * @param reads whether the log is sound but holds something else than others do: it is kept for
   *     good, too, once its partition was fetched again
   * @param whenDone hears null or KAFKA_STORAGE_ERROR
   */
  void setDamagedAside(
      TopicPartition name,
      TopicIdPartition id,
      boolean reads,
      Consumer<HighwaterException> whenDone) {
    boolean own = isOnDisk(name, id.topicId());
    Set<UUID> others = Set.copyOf(onDisk.getOrDefault(name, Set.of()));
    disk.run(
        name,
        () -> {
          if (reads) {
            directories.setDifferingAside(name, id.topicId());
          } else if (own) {
            directories.setDamagedAside(name, id.topicId());
          } else {
            (others.isEmpty() ? Set.of(id.topicId()) : others)
                .forEach(topicId -> directories.setAside(name, topicId));
          }
          return null;
        },
        (unused, failure) -> {
          if (failure == null) {
            forget(name, own || reads ? Set.of(id.topicId()) : others);
          }
          whenDone.accept(failure);
        });
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
    directories.forgetFailed();
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
