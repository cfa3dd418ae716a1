package io.highwater.log;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Which of a broker's log directories holds which partition. A place once taken is kept even when
 * the partition could not be made there: something of it may be. Any thread.
 *
 * <p>A name may stand for partitions of several topics, if one was deleted while its directory was
 * offline and another was created since. The first that is found has the name, the others are its
 * namesakes, until it goes.
 */
final class PartitionPlacement {
  private final Map<TopicPartition, LogDirectory> placed = new HashMap<>();
  private final Map<TopicPartition, Map<UUID, LogDirectory>> namesakes = new HashMap<>();
  private final Map<LogDirectory, Integer> counts = new HashMap<>();
  private final Map<TopicPartition, Set<UUID>> found = new LinkedHashMap<>();

  /** Where the partition is that has the name, or null. */
  synchronized LogDirectory get(TopicPartition partition) {
    return placed.get(partition);
  }

  /** Where this topic's partition is, or may be; null: nowhere. */
  synchronized LogDirectory get(TopicPartition partition, UUID topicId) {
    LogDirectory namesake = namesakes.getOrDefault(partition, Map.of()).get(topicId);
    return namesake == null ? placed.get(partition) : namesake;
  }

  /** Where the partition is; a new one comes to where the fewest are, the first of equals. */
  synchronized LogDirectory place(TopicPartition partition, Collection<LogDirectory> choice) {
    LogDirectory chosen = placed.get(partition);
    if (chosen == null) {
      for (LogDirectory directory : choice) {
        if (chosen == null || count(directory) < count(chosen)) {
          chosen = directory;
        }
      }
      put(partition, chosen);
    }
    return chosen;
  }

  /**
   * Takes note of a partition that a directory has.
   *
   * @param topicId empty when that cannot be read
   * @throws HighwaterException INVALID_CONFIG when another directory has it too, or may have
   */
  synchronized void found(
      TopicPartition partition, Optional<UUID> topicId, LogDirectory directory) {
    Set<UUID> topics = found.computeIfAbsent(partition, unused -> new LinkedHashSet<>());
    LogDirectory first = placed.get(partition);
    boolean told = topicId.isPresent() && !topics.isEmpty();
    if (first == null) {
      put(partition, directory);
    } else if (told && !topics.contains(topicId.get())) {
      namesakes
          .computeIfAbsent(partition, unused -> new LinkedHashMap<>())
          .put(topicId.get(), directory);
    } else {
      LogDirectory other = told ? get(partition, topicId.get()) : first;
      throw inTwo(partition, other, directory);
    }
    topicId.ifPresent(topics::add);
  }

  private static HighwaterException inTwo(
      TopicPartition partition, LogDirectory one, LogDirectory other) {
    int order =
        Comparator.comparingInt(EpochEnd::epoch)
            .thenComparingLong(EpochEnd::endOffset)
            .compare(
                one.checkpointedHighWatermark(partition),
                other.checkpointedHighWatermark(partition));
    String advice =
        order == 0
            ? "neither is newer by what was written down; move one of the two away"
            : "the one in "
                + (order > 0 ? one : other).root()
                + " is the newer; move the other away, out of the log directory";
    return new HighwaterException(
        ErrorCode.INVALID_CONFIG,
        partition
            + " is both in "
            + one.root()
            + " ("
            + one.progressOf(partition)
            + ") and in "
            + other.root()
            + " ("
            + other.progressOf(partition)
            + "): "
            + advice
            + ", then start again");
  }

  /** All that was {@link #found}, with the topics that it is of as far as they could be read. */
  synchronized Map<TopicPartition, Set<UUID>> found() {
    Map<TopicPartition, Set<UUID>> copy = new LinkedHashMap<>();
    found.forEach((partition, topics) -> copy.put(partition, Set.copyOf(topics)));
    return copy;
  }

  /** Those that were {@link #found} in some of the directories. */
  synchronized Set<TopicIdPartition> in(Predicate<LogDirectory> which) {
    Set<TopicIdPartition> in = new LinkedHashSet<>();
    found.forEach(
        (partition, topics) ->
            topics.stream()
                .filter(topic -> which.test(get(partition, topic)))
                .forEach(topic -> in.add(new TopicIdPartition(topic, partition.partition()))));
    return in;
  }

  /** The topics of which a partition of this name was {@link #found}, as far as they read. */
  synchronized Set<UUID> found(TopicPartition partition) {
    return Set.copyOf(found.getOrDefault(partition, Set.of()));
  }

  /** This topic's partition is nowhere any more; a namesake has the name then. */
  synchronized void remove(TopicPartition partition, UUID topicId) {
    Map<UUID, LogDirectory> others = namesakes.getOrDefault(partition, new HashMap<>());
    if (others.remove(topicId) != null) {
      return;
    }
    LogDirectory directory = placed.remove(partition);
    if (directory != null) {
      counts.merge(directory, -1, Integer::sum);
    }
    others.keySet().stream().findFirst().ifPresent(next -> put(partition, others.remove(next)));
  }

  private void put(TopicPartition partition, LogDirectory directory) {
    placed.put(partition, directory);
    counts.merge(directory, 1, Integer::sum);
  }

  private int count(LogDirectory directory) {
    return counts.getOrDefault(directory, 0);
  }
}
