package io.highwater.client;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BackoffTest {
  @Test
  void doublesUpToTheLimit() {
    Backoff backoff = new Backoff(20, 250, 0);
    assertThat(backoff.delayMs(1, 0.5)).isEqualTo(20);
    assertThat(backoff.delayMs(2, 0.5)).isEqualTo(40);
    assertThat(backoff.delayMs(4, 0.5)).isEqualTo(160);
    assertThat(backoff.delayMs(5, 0.5)).isEqualTo(250);
    assertThat(backoff.delayMs(Integer.MAX_VALUE, 0.5)).isEqualTo(250);
  }

  @Property
  void staysWithinItsJitter(
      @ForAll @IntRange(min = 1, max = 100) int failures,
      @ForAll @DoubleRange(min = 0, max = 1, maxIncluded = false) double random) {
    long exactMs = new Backoff(20, 1_000, 0).delayMs(failures, random);
    long delayMs = new Backoff(20, 1_000, 0.2).delayMs(failures, random);
    assertThat(delayMs).isBetween((long) (exactMs * 0.8), (long) Math.ceil(exactMs * 1.2));
  }
}
