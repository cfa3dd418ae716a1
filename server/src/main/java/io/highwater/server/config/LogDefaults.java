package io.highwater.server.config;

import io.highwater.replication.control.TopicConfig;
import io.highwater.replication.control.TopicConfigs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What a topic's logs get when neither the topic nor anything else says otherwise: each key is the
 * broker's default of one topic setting.
 *
 * @param settings those that the broker was given, under the topic's names
 */
public record LogDefaults(Map<String, String> settings) {
  private record Pair(ConfigKey<?> brokers, TopicConfig<?> topics) {}

  static final ConfigKey<Long> RETENTION_MS =
      ofTopic(
          "log.retention.ms",
          TopicConfigs.RETENTION_MS,
          "a segment goes this long after its last append; -1: never");
  static final ConfigKey<Integer> RETENTION_MINUTES =
      ConfigKey.ofInt(
          "log.retention.minutes",
          7 * 24 * 60,
          -1,
          Integer.MAX_VALUE,
          "the same in minutes; log.retention.ms stands before it");
  static final ConfigKey<Integer> RETENTION_HOURS =
      ConfigKey.ofInt(
          "log.retention.hours",
          7 * 24,
          -1,
          Integer.MAX_VALUE,
          "the same in hours; log.retention.ms and .minutes stand before it");

  private static final List<Pair> PAIRS =
      List.of(
          new Pair(RETENTION_MS, TopicConfigs.RETENTION_MS),
          pair(
              "log.cleanup.policy",
              TopicConfigs.CLEANUP_POLICY,
              "delete old segments, compact by key, or both"),
          pair(
              "log.retention.bytes",
              TopicConfigs.RETENTION_BYTES,
              "the oldest segments of a partition go while the others hold as much; -1: never"),
          pair(
              "log.segment.delete.delay.ms",
              TopicConfigs.FILE_DELETE_DELAY_MS,
              "files stay so long after they left the log"),
          pair(
              "records.validation",
              TopicConfigs.RECORDS_VALIDATION,
              "full: compressed records are looked into before they are appended; header: they are"
                  + " not"),
          pair(
              "log.message.timestamp.before.max.ms",
              TopicConfigs.TIMESTAMP_BEFORE_MAX_MS,
              "how far timestamps may lie in the past"),
          pair(
              "log.message.timestamp.after.max.ms",
              TopicConfigs.TIMESTAMP_AFTER_MAX_MS,
              "how far timestamps may lie in the future"),
          pair(
              "log.cleaner.min.cleanable.ratio",
              TopicConfigs.MIN_CLEANABLE_DIRTY_RATIO,
              "part of a log not yet compacted from which on it is"),
          pair(
              "log.cleaner.min.compaction.lag.ms",
              TopicConfigs.MIN_COMPACTION_LAG_MS,
              "younger records are not compacted"),
          pair(
              "log.cleaner.max.compaction.lag.ms",
              TopicConfigs.MAX_COMPACTION_LAG_MS,
              "older records are compacted whatever the ratio"),
          pair(
              "log.cleaner.delete.retention.ms",
              TopicConfigs.DELETE_RETENTION_MS,
              "tombstones stay so long"),
          pair(
              "log.flush.policy",
              TopicConfigs.FLUSH_POLICY,
              "what an acknowledgement promises: os, interval or group"),
          pair(
              "log.flush.interval.messages",
              TopicConfigs.FLUSH_MESSAGES,
              "records after which a log is flushed"),
          pair(
              "log.flush.interval.ms",
              TopicConfigs.FLUSH_MS,
              "time after which what was appended is flushed"));

  private static final List<String> FLUSH_SETTINGS =
      List.of(
          TopicConfigs.FLUSH_POLICY.name(),
          TopicConfigs.FLUSH_MESSAGES.name(),
          TopicConfigs.FLUSH_MS.name());

  /** This component's keys. */
  public static final List<ConfigKey<?>> KEYS = keys();

  public LogDefaults {
    settings = Map.copyOf(settings);
  }

  /** Reads this component's keys. */
  public static LogDefaults from(ConfigValues values) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (Pair pair : PAIRS) {
      if (values.isGiven(pair.brokers)) {
        settings.put(pair.topics.name(), values.text(pair.brokers));
      }
    }
    if (!values.isGiven(RETENTION_MS)) {
      if (values.isGiven(RETENTION_MINUTES)) {
        putRetention(settings, values.get(RETENTION_MINUTES), TimeUnit.MINUTES);
      } else if (values.isGiven(RETENTION_HOURS)) {
        putRetention(settings, values.get(RETENTION_HOURS), TimeUnit.HOURS);
      }
    }
    return new LogDefaults(settings);
  }

  /**
   * Adds to a topic's settings what it does not set. The flush settings belong together: a topic
   * that sets one of them gets none of the broker's.
   */
  public void fillIn(Map<String, String> topic) {
    Map<String, String> missing = new HashMap<>(settings);
    if (FLUSH_SETTINGS.stream().anyMatch(topic::containsKey)) {
      missing.keySet().removeAll(FLUSH_SETTINGS);
    }
    missing.forEach(topic::putIfAbsent);
  }

  private static void putRetention(Map<String, String> settings, int amount, TimeUnit unit) {
    long ms = amount < 0 ? -1 : unit.toMillis(amount);
    settings.put(TopicConfigs.RETENTION_MS.name(), Long.toString(ms));
  }

  private static Pair pair(String name, TopicConfig<?> topics, String doc) {
    return new Pair(ofTopic(name, topics, doc), topics);
  }

  private static <T> ConfigKey<T> ofTopic(String name, TopicConfig<T> topics, String doc) {
    return new ConfigKey<>(name, topics.defaultText(), doc, topics.parser());
  }

  private static List<ConfigKey<?>> keys() {
    List<ConfigKey<?>> keys = new ArrayList<>(List.of(RETENTION_HOURS, RETENTION_MINUTES));
    PAIRS.forEach(pair -> keys.add(pair.brokers));
    return List.copyOf(keys);
  }
}
