package io.highwater.client;

import java.util.Map;
import java.util.Objects;

/**
 * A topic to be created.
 *
 * @param name its name; the broker checks it
 * @param partitions how many, or 0 for the broker's num.partitions
 * @param replicationFactor replicas of each, or 0 for the broker's default.replication.factor
 * @param configs settings by Kafka's names
 */
public record NewTopic(
    String name, int partitions, int replicationFactor, Map<String, String> configs) {
  public NewTopic {
    Objects.requireNonNull(name, "name");
    if (partitions < 0 || replicationFactor < 0) {
      throw new IllegalArgumentException(
          "partitions " + partitions + " or replication factor " + replicationFactor + " negative");
    }
    configs = Map.copyOf(configs);
  }

  /** A topic without settings of its own. */
  public static NewTopic of(String name, int partitions, int replicationFactor) {
    return new NewTopic(name, partitions, replicationFactor, Map.of());
  }
}
