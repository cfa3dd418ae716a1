package io.highwater.replication.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicConfigsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "segment.bytes|many|segment.bytes must be a whole number, not 'many'",
        "segment.bytes|1|segment.bytes must be from 1024 to 2147483647, not 1",
        "retention.ms|-2|retention.ms must be from -1 to 9223372036854775807, not -2",
        "min.cleanable.dirty.ratio|half|min.cleanable.dirty.ratio must be a number, not 'half'",
        "min.cleanable.dirty.ratio|1.5|min.cleanable.dirty.ratio must be from 0 to 1, not 1.5",
        "min.cleanable.dirty.ratio|NaN|min.cleanable.dirty.ratio must be from 0 to 1, not NaN",
        "cleanup.policy|shred|cleanup.policy must be one or more of delete, compact, not 'shred'",
        "cleanup.policy|delete,|cleanup.policy must be one or more of delete, compact,"
            + " not 'delete,'",
        "flush.policy|never|flush.policy must be one of os, interval, group, not 'never'",
        "max.compaction.lag.ms|0|max.compaction.lag.ms must be from 1 to 9223372036854775807,"
            + " not 0",
        "retention.mss|1|unknown topic setting 'retention.mss', did you mean retention.ms?"
      })
  void aBadSettingIsNamedWithWhatItMustBe(String name, String value, String problem) {
    assertThat(TopicConfigs.problem(Map.of(name, value))).contains(problem);
  }

  @Test
  void settingsThatContradictEachOtherAreNamedTogether() {
    assertThat(
            TopicConfigs.problem(
                Map.of("min.compaction.lag.ms", "10", "max.compaction.lag.ms", "9")))
        .contains("max.compaction.lag.ms=9 must be at least min.compaction.lag.ms=10");
  }

  @Test
  void listsAndRatiosAreRead() {
    Map<String, String> configs =
        Map.of("cleanup.policy", " compact , delete", "min.cleanable.dirty.ratio", "0.25");

    assertThat(TopicConfigs.problem(configs)).isEmpty();
    assertThat(TopicConfigs.CLEANUP_POLICY.in(configs)).isEqualTo(List.of("compact", "delete"));
    assertThat(TopicConfigs.MIN_CLEANABLE_DIRTY_RATIO.in(configs)).isEqualTo(0.25);
    assertThat(TopicConfigs.CLEANUP_POLICY.in(Map.of())).containsExactly("delete");
  }

  @ParameterizedTest
  @CsvSource({
    "flush.policy, group, group",
    "flush.messages, 1, group",
    "flush.messages, 2, interval",
    "flush.ms, 0, interval",
    "segment.ms, 1, os"
  })
  void theFlushPolicyFollowsFromWhatIsSet(String name, String value, String policy) {
    assertThat(TopicConfigs.flushPolicy(Map.of(name, value))).isEqualTo(policy);
  }

  @Test
  void aFlushPolicyThatIsSetStandsBeforeWhatFollows() {
    assertThat(TopicConfigs.flushPolicy(Map.of("flush.policy", "os", "flush.messages", "1")))
        .isEqualTo("os");
  }

  @Test
  void everyDefaultIsALegalValue() {
    for (TopicConfig<?> config : TopicConfigs.ALL) {
      assertThat(config.problemOf(config.defaultText())).isEmpty();
    }
  }
}
