package io.highwater.log;

import io.highwater.proto.TopicPartition;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Which of a broker's log directories holds which partition. A place once taken is kept even when
 * the partition could not be made there: something of it may be. Any thread.
 */
final class PartitionPlacement {
  private final Map<TopicPartition, LogDirectory> placed = new HashMap<>();
  private final Map<LogDirectory, Integer> counts = new HashMap<>();

  /** Where the partition is, or null. */
  synchronized LogDirectory get(TopicPartition partition) {
    return placed.get(partition);
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

  /** Takes note of where a partition was found. */
  synchronized void put(TopicPartition partition, LogDirectory directory) {
    placed.put(partition, directory);
    counts.merge(directory, 1, Integer::sum);
  }

  /** The partition is nowhere any more. */
  synchronized void remove(TopicPartition partition) {
    LogDirectory directory = placed.remove(partition);
    if (directory != null) {
      counts.merge(directory, -1, Integer::sum);
    }
  }

  private int count(LogDirectory directory) {
    return counts.getOrDefault(directory, 0);
  }
}
