package io.highwater.server.config;

import java.util.List;
import java.util.stream.Stream;

/**
 * What a topic gets when it does not say otherwise.
 *
 * @param partitions of a topic created without a number
 * @param replicationFactor of a topic created without a number
 * @param minInsyncReplicas in-sync replicas below which acks=all appends are refused
 * @param messageMaxBytes largest batch, header included
 * @param logs of the topic's logs
 */
public record TopicDefaults(
    int partitions,
    int replicationFactor,
    int minInsyncReplicas,
    int messageMaxBytes,
    LogDefaults logs) {
  /** Most partitions of one topic. */
  public static final int MAX_PARTITIONS = 10_000;

  /** Largest value of {@code message.max.bytes}, so that a frame always fits a message. */
  public static final int MAX_MESSAGE_BYTES = 64 << 20;

  static final ConfigKey<Integer> NUM_PARTITIONS =
      ConfigKey.ofInt("num.partitions", 1, 1, MAX_PARTITIONS, "partitions of a new topic");
  static final ConfigKey<Integer> REPLICATION_FACTOR =
      ConfigKey.ofInt(
          "default.replication.factor", 1, 1, Short.MAX_VALUE, "replicas of a new topic");
  static final ConfigKey<Integer> MIN_INSYNC_REPLICAS =
      ConfigKey.ofInt(
          "min.insync.replicas", 1, 1, Short.MAX_VALUE, "in-sync replicas that acks=all needs");
  static final ConfigKey<Integer> MESSAGE_MAX_BYTES =
      ConfigKey.ofInt("message.max.bytes", 1 << 20, 1 << 10, MAX_MESSAGE_BYTES, "largest batch");

  /** This component's keys. */
  public static final List<ConfigKey<?>> KEYS =
      Stream.concat(
              Stream.<ConfigKey<?>>of(
                  NUM_PARTITIONS, REPLICATION_FACTOR, MIN_INSYNC_REPLICAS, MESSAGE_MAX_BYTES),
              LogDefaults.KEYS.stream())
          .toList();

  /** Reads this component's keys. */
  public static TopicDefaults from(ConfigValues values) {
    return new TopicDefaults(
        values.get(NUM_PARTITIONS),
        values.get(REPLICATION_FACTOR),
        values.get(MIN_INSYNC_REPLICAS),
        values.get(MESSAGE_MAX_BYTES),
        LogDefaults.from(values));
  }
}
