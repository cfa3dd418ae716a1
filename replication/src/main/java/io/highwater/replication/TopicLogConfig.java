package io.highwater.replication;

import io.highwater.log.LogConfig;
import io.highwater.log.append.TimestampBounds;
import io.highwater.log.compact.CompactionConfig;
import io.highwater.log.flush.FlushPolicy;
import io.highwater.log.retain.RetentionConfig;
import io.highwater.replication.control.TopicConfigs;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A topic's settings as those of its partitions' logs. Any thread. */
final class TopicLogConfig {
  private static final int MAX_KNOWN = 1_000;
  private static final Map<Map<String, String>, LogConfig> KNOWN = new ConcurrentHashMap<>();

  private TopicLogConfig() {}

  /**
   * The same object for equal settings, mostly: thousands of topics share it.
   *
   * @param configs not to change any more
   */
  static LogConfig of(Map<String, String> configs) {
    LogConfig known = KNOWN.get(configs);
    if (known != null) {
      return known;
    }
    if (KNOWN.size() >= MAX_KNOWN) {
      KNOWN.clear();
    }
    LogConfig config = read(configs);
    KNOWN.put(configs, config);
    return config;
  }

  private static LogConfig read(Map<String, String> configs) {
    int maxBatchBytes = TopicConfigs.MAX_MESSAGE_BYTES.in(configs);
    return new LogConfig(
        Math.max(maxBatchBytes, TopicConfigs.SEGMENT_BYTES.in(configs)),
        TopicConfigs.SEGMENT_MS.in(configs),
        TopicConfigs.INDEX_INTERVAL_BYTES.in(configs),
        TopicConfigs.SEGMENT_INDEX_BYTES.in(configs),
        maxBatchBytes,
        LogConfig.DEFAULT.producerExpirationMs(),
        TopicConfigs.FILE_DELETE_DELAY_MS.in(configs),
        new TimestampBounds(
            TopicConfigs.TIMESTAMP_BEFORE_MAX_MS.in(configs),
            TopicConfigs.TIMESTAMP_AFTER_MAX_MS.in(configs)),
        retention(configs),
        flush(configs),
        compaction(configs),
        TopicConfigs.RECORDS_VALIDATION.in(configs).equals(TopicConfigs.VALIDATE_FULL));
  }

  private static RetentionConfig retention(Map<String, String> configs) {
    return new RetentionConfig(
        TopicConfigs.CLEANUP_POLICY.in(configs).contains(TopicConfigs.DELETE),
        TopicConfigs.RETENTION_MS.in(configs),
        TopicConfigs.RETENTION_BYTES.in(configs));
  }

  private static FlushPolicy flush(Map<String, String> configs) {
    return switch (TopicConfigs.flushPolicy(configs)) {
      case TopicConfigs.FLUSH_GROUP -> FlushPolicy.GROUP;
      case TopicConfigs.FLUSH_INTERVAL ->
          new FlushPolicy(
              FlushPolicy.Kind.INTERVAL,
              TopicConfigs.FLUSH_MESSAGES.in(configs),
              TopicConfigs.FLUSH_MS.in(configs));
      default -> FlushPolicy.OS;
    };
  }

  private static CompactionConfig compaction(Map<String, String> configs) {
    List<String> policy = TopicConfigs.CLEANUP_POLICY.in(configs);
    return new CompactionConfig(
        policy.contains(TopicConfigs.COMPACT),
        TopicConfigs.MIN_CLEANABLE_DIRTY_RATIO.in(configs),
        TopicConfigs.MIN_COMPACTION_LAG_MS.in(configs),
        TopicConfigs.MAX_COMPACTION_LAG_MS.in(configs),
        TopicConfigs.DELETE_RETENTION_MS.in(configs));
  }
}
