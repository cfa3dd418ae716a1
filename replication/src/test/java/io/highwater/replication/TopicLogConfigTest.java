package io.highwater.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.LogConfig;
import io.highwater.log.append.TimestampBounds;
import io.highwater.log.compact.CompactionConfig;
import io.highwater.log.flush.FlushPolicy;
import io.highwater.log.retain.RetentionConfig;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopicLogConfigTest {
  @Test
  void aTopicWithoutSettingsHasTheLogsOwnDefaults() {
    assertThat(TopicLogConfig.of(Map.of())).isEqualTo(LogConfig.DEFAULT);
  }

  @Test
  void everySettingReachesTheLog() {
    LogConfig config =
        TopicLogConfig.of(
            Map.ofEntries(
                Map.entry("cleanup.policy", "compact"),
                Map.entry("retention.ms", "-1"),
                Map.entry("retention.bytes", "77"),
                Map.entry("file.delete.delay.ms", "78"),
                Map.entry("message.timestamp.before.max.ms", "79"),
                Map.entry("message.timestamp.after.max.ms", "80"),
                Map.entry("flush.messages", "81"),
                Map.entry("flush.ms", "82"),
                Map.entry("min.cleanable.dirty.ratio", "0.83"),
                Map.entry("min.compaction.lag.ms", "84"),
                Map.entry("max.compaction.lag.ms", "85"),
                Map.entry("delete.retention.ms", "86"),
                Map.entry("records.validation", "header")));

    assertThat(config.retention()).isEqualTo(new RetentionConfig(false, -1, 77));
    assertThat(config.validateRecords()).isFalse();
    assertThat(config.looksIntoRecords()).as("it is compacted").isTrue();
    assertThat(config.fileDeleteDelayMs()).isEqualTo(78);
    assertThat(config.timestamps()).isEqualTo(new TimestampBounds(79, 80));
    assertThat(config.flush()).isEqualTo(new FlushPolicy(FlushPolicy.Kind.INTERVAL, 81, 82));
    assertThat(config.compaction()).isEqualTo(new CompactionConfig(true, 0.83, 84, 85, 86));
  }
}
