package io.highwater.replication.follower;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ReconnectBackoffTest {
  private final ReconnectBackoff backoff = new ReconnectBackoff(20, 1_000);

  @Test
  void doublesUpToTheCap() {
    assertThat(backoff.pauseMs(1, 0)).isEqualTo(20);
    assertThat(backoff.pauseMs(2, 0)).isEqualTo(40);
    assertThat(backoff.pauseMs(20, 0)).isEqualTo(1_000);
  }

  @Property
  void staysBetweenHalfAndAll(
      @ForAll @IntRange(min = 1) int failures,
      @ForAll @DoubleRange(min = 0, max = 1, maxIncluded = false) double random) {
    long full = backoff.pauseMs(failures, 0);
    assertThat(backoff.pauseMs(failures, random)).isBetween(full / 2, full);
  }
}
