package io.highwater.client;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * A topic as the control plane sees it.
 *
 * @param name its name
 * @param topicId its identity: a topic that is deleted and created again gets another
 * @param partitions by number, from 0 without holes
 * @param configs its settings by Kafka's names
 * @param isrChanges the last change of each partition's in-sync set, where one was seen
 * @param losses what may have been lost, the newest of a partition last
 */
public record TopicDescription(
    String name,
    UUID topicId,
    List<PartitionDescription> partitions,
    Map<String, String> configs,
    List<IsrChange> isrChanges,
    List<RecordLoss> losses) {
  /** Setting: the largest batch that the topic takes, in bytes. */
  public static final String MAX_MESSAGE_BYTES = "max.message.bytes";

  public TopicDescription {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(topicId, "topicId");
    partitions = List.copyOf(partitions);
    configs = Map.copyOf(configs);
    isrChanges = List.copyOf(isrChanges);
    losses = List.copyOf(losses);
  }

  /** Of which no change and no loss is known. */
  public TopicDescription(
      String name,
      UUID topicId,
      List<PartitionDescription> partitions,
      Map<String, String> configs) {
    this(name, topicId, partitions, configs, List.of(), List.of());
  }

  /**
   * The largest batch that the topic takes.
   *
   * @param otherwise the answer when the topic does not say or says no number
   */
  public int maxBatchBytes(int otherwise) {
    String text = configs.get(MAX_MESSAGE_BYTES);
    if (text == null) {
      return otherwise;
    }
    try {
      int bytes = Integer.parseInt(text.trim());
      return bytes > 0 ? bytes : otherwise;
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }
}
