package io.highwater.client.producer;

import io.highwater.client.ClusterView;
import io.highwater.client.PartitionDescription;
import io.highwater.client.TopicDescription;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicPartition;
import java.util.function.DoubleSupplier;
import java.util.function.Function;

/**
 * The topics that a producer sends to, and their partitions' senders, as the cluster describes
 * them. Loop only.
 */
final class TopicSenders {
  private static final int MIN_BATCHES_IN_BUFFER = 16;

  private final ProducerConfig config;
  private final BatchAccumulator accumulator;
  private final Function<TopicPartition, PartitionSender> newSender;
  private final DoubleSupplier random;
  private int maxBatchBytes = Integer.MAX_VALUE;

  /**
   * @param accumulator where senders of records look topics up
   * @param newSender makes a partition's sender
   * @param random chooses sticky partitions
   */
  TopicSenders(
      ProducerConfig config,
      BatchAccumulator accumulator,
      Function<TopicPartition, PartitionSender> newSender,
      DoubleSupplier random) {
    this.config = config;
    this.accumulator = accumulator;
    this.newSender = newSender;
    this.random = random;
  }

  /** A topic was described: makes its senders, or takes in what changed. */
  TopicSender describe(TopicDescription described) {
    TopicSender known = accumulator.topic(described.name());
    int limit = Math.min(described.maxBatchBytes(maxBatchBytes), maxBatchBytes);
    boolean sameLife = known != null && known.topicId().equals(described.topicId());
    if (!sameLife && known != null) {
      retire(known, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "the topic was deleted and created anew");
    }
    if (sameLife && known.maxBatchBytes() == limit) {
      addPartitions(known, described);
      return known;
    }
    PartitionSender[] partitions = sameLife ? known.partitions() : new PartitionSender[0];
    int batchBytes = Math.min(config.batchBytes(), limit);
    TopicSender topic =
        new TopicSender(
            described.name(),
            described.topicId(),
            config.codec(),
            batchBytes,
            limit,
            maxContentBytes(batchBytes, limit),
            new StickyPartition(random, new int[] {0}),
            partitions);
    addPartitions(topic, described);
    accumulator.put(topic);
    return topic;
  }

  /** Should nothing be known of the limit, or memory be scarce, batches do not grow. */
  private int maxContentBytes(int batchBytes, int limit) {
    long affordable = Math.max(batchBytes, config.bufferBytes() / MIN_BATCHES_IN_BUFFER);
    return limit == Integer.MAX_VALUE ? batchBytes : (int) Math.min(limit, affordable);
  }

  private void addPartitions(TopicSender topic, TopicDescription described) {
    int before = topic.partitions().length;
    int count = described.partitions().size();
    PartitionSender[] partitions = new PartitionSender[count];
    for (int i = 0; i < count; i++) {
      partitions[i] =
          i < before
              ? topic.partitions()[i]
              : newSender.apply(new TopicPartition(topic.topic(), i));
      partitions[i].topic(topic);
    }
    topic.partitions(partitions);
    int[] led =
        described.partitions().stream()
            .filter(PartitionDescription::hasLeader)
            .mapToInt(PartitionDescription::partition)
            .toArray();
    if (led.length > 0) {
      topic.sticky().candidates(led);
    }
  }

  /** Takes in what a newer view says of the topics that are known here. */
  void refresh(ClusterView view) {
    for (TopicSender topic : accumulator.topics()) {
      TopicDescription described = view.topic(topic.topic()).orElse(null);
      if (described == null) {
        retire(topic, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "the topic was deleted");
      } else {
        describe(described);
      }
    }
  }

  /** A broker takes no larger batches than this; 0 when it does not say. */
  void limit(int brokerMaxBatchBytes, ClusterView view) {
    if (brokerMaxBatchBytes > 0 && brokerMaxBatchBytes < maxBatchBytes) {
      maxBatchBytes = brokerMaxBatchBytes;
      for (TopicSender topic : accumulator.topics()) {
        view.topic(topic.topic()).ifPresent(this::describe);
      }
    }
  }

  /** Ends every batch of every topic that has not ended. */
  void retireAll(ErrorCode error, String reason) {
    for (TopicSender topic : accumulator.topics()) {
      retire(topic, error, reason);
    }
  }

  private void retire(TopicSender topic, ErrorCode error, String reason) {
    accumulator.remove(topic);
    for (PartitionSender partition : topic.partitions()) {
      partition.abandon(error, reason);
    }
  }
}
