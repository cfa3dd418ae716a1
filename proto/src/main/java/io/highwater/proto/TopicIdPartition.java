package io.highwater.proto;

import java.util.Objects;
import java.util.UUID;

/**
 * The identity of a partition: topic ids are never used twice (CTL-5), names may be.
 *
 * @param topicId the topic's id, given at its creation
 * @param partition the partition's number, from 0
 */
public record TopicIdPartition(UUID topicId, int partition) {
  public TopicIdPartition {
    Objects.requireNonNull(topicId, "topicId");
    if (partition < 0) {
      throw new IllegalArgumentException("partition " + partition + " is negative");
    }
  }

  @Override
  public String toString() {
    return topicId + "-" + partition;
  }
}
