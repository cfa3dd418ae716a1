package io.highwater.log.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.segment.SegmentMarks;
import io.highwater.log.segment.SegmentSummary;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompactionPlanTest {
  private static final long NOW = 1_000_000;

  /** Three sealed segments of a thousand offsets and bytes each, a minute between their appends. */
  private static final List<SegmentSummary> SEALED =
      List.of(segment(0, NOW - 180_000), segment(1000, NOW - 120_000), segment(2000, NOW - 60_000));

  private static SegmentSummary segment(long base, long lastAppendMs) {
    return new SegmentSummary(base, base + 1000, 1000, 0, 0, lastAppendMs, SegmentMarks.ofEpoch(0));
  }

  private static CompactionConfig config(double ratio, long minLagMs, long maxLagMs) {
    return new CompactionConfig(true, ratio, minLagMs, maxLagMs, 1000);
  }

  private static CompactionPlan plan(long stableEnd, long cleanedTo, CompactionConfig config) {
    return CompactionPlan.of(
        SEALED, stableEnd, cleanedTo, NOW, config, segment -> segment.lastAppendMs() - 10_000);
  }

  private static final CompactionConfig PLAIN = config(0.5, 0, Long.MAX_VALUE);

  @Test
  void dirtyIsWhatWasNotCleaned() {
    CompactionPlan plan = plan(5000, 2000, PLAIN);
    assertThat(plan).isEqualTo(new CompactionPlan(0, 2000, 3000, 2000, 1000, false));
    assertThat(plan.dirtyRatio()).isEqualTo(1.0 / 3);
    assertThat(plan.isDue(PLAIN)).isFalse();
    assertThat(plan.isDue(config(0.33, 0, Long.MAX_VALUE))).isTrue();
  }

  /** CMP-2: whole segments below the last stable offset and high watermark, none beyond. */
  @Test
  void nothingAtOrPastTheStableEndIsTouched() {
    assertThat(plan(2999, 0, PLAIN).endOffset()).isEqualTo(2000);
    assertThat(plan(3000, 0, PLAIN).endOffset()).isEqualTo(3000);
    assertThat(plan(999, 0, PLAIN)).isEqualTo(new CompactionPlan(0, 0, 0, 0, 0, false));
    assertThat(plan(0, 0, PLAIN).isDue(config(0, 0, Long.MAX_VALUE))).isFalse();
  }

  /** CMP-2: by the broker's append time. */
  @Test
  void nothingYoungerThanTheMinimumLagIsTouched() {
    assertThat(plan(5000, 0, config(0.5, 60_001, Long.MAX_VALUE)).endOffset()).isEqualTo(2000);
    assertThat(plan(5000, 0, config(0.5, 60_000, Long.MAX_VALUE)).endOffset()).isEqualTo(3000);
  }

  @Test
  void aRecordOlderThanTheMaximumLagMakesItDue() {
    assertThat(plan(5000, 2000, config(1, 0, 69_999)).isDue(config(1, 0, 69_999))).isTrue();
    assertThat(plan(5000, 2000, config(1, 0, 70_000)).isDue(config(1, 0, 70_000))).isFalse();
    assertThat(plan(5000, 3000, config(1, 0, 1)).isDue(config(1, 0, 1))).isFalse();
  }

  @Test
  void aCheckpointOutsideOfTheLogCountsForNothing() {
    assertThat(plan(5000, 9999, PLAIN).firstDirtyOffset()).isZero();
    List<SegmentSummary> later = SEALED.subList(1, 3);
    assertThat(CompactionPlan.of(later, 5000, 500, NOW, PLAIN, s -> 0).firstDirtyOffset())
        .isEqualTo(1000);
    assertThat(CompactionPlan.of(List.of(), 5000, 500, NOW, PLAIN, s -> 0).dirtyBytes()).isZero();
  }

  @Test
  void aSegmentThatIsCleanedInPartIsDirty() {
    assertThat(plan(5000, 2500, PLAIN))
        .isEqualTo(new CompactionPlan(0, 2500, 3000, 2000, 1000, false));
  }

  @Test
  void neighboursAreGroupedByBytesIndexAndOffsets() {
    assertThat(SegmentGroups.of(SEALED, 2000, 1 << 20, 100))
        .containsExactly(SEALED.subList(0, 2), SEALED.subList(2, 3));
    assertThat(SegmentGroups.of(SEALED, 500, 1 << 20, 100)).hasSize(3);
    assertThat(SegmentGroups.of(SEALED, 1 << 20, 24 * 12, 100)).hasSize(2);
    SegmentSummary far =
        new SegmentSummary(
            3000, Integer.MAX_VALUE + 1002L, 1000, 0, 0, NOW, SegmentMarks.ofEpoch(0));
    assertThat(SegmentGroups.of(List.of(SEALED.get(1), SEALED.get(2), far), 1 << 20, 1 << 20, 100))
        .hasSize(2);
    SegmentSummary near =
        new SegmentSummary(
            3000, Integer.MAX_VALUE + 1001L, 1000, 0, 0, NOW, SegmentMarks.ofEpoch(0));
    assertThat(SegmentGroups.of(List.of(SEALED.get(1), SEALED.get(2), near), 1 << 20, 1 << 20, 100))
        .hasSize(1);
  }
}
