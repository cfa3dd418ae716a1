package io.highwater.server.metadata;

import io.highwater.replication.control.TopicImage;
import java.util.List;

/**
 * Partitions added to a topic.
 *
 * @param before the topic without them
 * @param assignments replicas of each new partition, the preferred leader first
 */
public record TopicGrowth(TopicImage before, List<List<Integer>> assignments) {
  public TopicGrowth {
    assignments = assignments.stream().map(List::copyOf).toList();
  }
}
