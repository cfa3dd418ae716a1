package io.highwater.client.producer;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CompressionRatioTest {
  private static final int BATCH = 16 * 1024;
  private static final int LIMIT = 1024 * 1024;

  private final CompressionRatio ratio = new CompressionRatio();

  private void observe(int times, int contentBytes, int compressedBytes) {
    for (int i = 0; i < times; i++) {
      ratio.observed(contentBytes, compressedBytes);
    }
  }

  @Test
  void nothingKnownMeansNoGrowth() {
    assertThat(ratio.contentBytes(BATCH, LIMIT)).isEqualTo(BATCH);
  }

  @Test
  void contentGrowsByWholeMultiplesTowardsTheRatio() {
    observe(100, 33_000, 10_000);
    assertThat(ratio.contentBytes(BATCH, LIMIT)).isEqualTo(3 * BATCH);
  }

  @Test
  void oneBatchThatCompressesBadlyIsEnoughToShrink() {
    observe(100, 33_000, 10_000);
    observe(1, 10_000, 12_000);
    assertThat(ratio.contentBytes(BATCH, LIMIT)).isEqualTo(BATCH);
  }

  @Test
  void aLimitBelowTheGrowthHolds() {
    observe(100, 33_000, 10_000);
    assertThat(ratio.contentBytes(BATCH, 2 * BATCH + 1)).isEqualTo(2 * BATCH + 1);
  }

  @Property(tries = 200)
  void contentStaysBetweenTheBatchAndItsLimits(
      @ForAll @IntRange(min = 1, max = 1 << 20) int contentBytes,
      @ForAll @IntRange(min = 1, max = 1 << 20) int compressedBytes,
      @ForAll @IntRange(min = 1024, max = LIMIT) int batchBytes,
      @ForAll @IntRange(min = 1, max = 50) int times) {
    observe(times, contentBytes, compressedBytes);
    assertThat(ratio.contentBytes(batchBytes, LIMIT))
        .isBetween(
            batchBytes, (int) Math.min(LIMIT, (long) batchBytes * CompressionRatio.MAX_GROWTH));
  }
}
