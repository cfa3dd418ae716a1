package io.highwater.proto;

import java.util.Objects;

/**
 * A partition as people name it. Data paths use {@link TopicIdPartition}: a name may be deleted and
 * given to another topic.
 *
 * @param topic the topic's name
 * @param partition the partition's number, from 0
 */
public record TopicPartition(String topic, int partition) {
  public TopicPartition {
    Objects.requireNonNull(topic, "topic");
    if (partition < 0) {
      throw new IllegalArgumentException("partition " + partition + " is negative");
    }
  }

  /** The name of the partition's directory, as Kafka writes it: {@code topic-partition}. */
  @Override
  public String toString() {
    return topic + "-" + partition;
  }
}
