package io.highwater.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WakefulClockTest {
  private long nowMs = 7_000;
  private final WakefulClock clock =
      new WakefulClock(() -> TimeUnit.MILLISECONDS.toNanos(nowMs), 1_000);

  private long shownAfter(long ms) {
    nowMs += ms;
    return TimeUnit.NANOSECONDS.toMillis(clock.nanoTime());
  }

  @Test
  void itGoesAsTheOtherWhileSomebodyLooks() {
    assertThat(shownAfter(0)).isEqualTo(7_000);
    assertThat(shownAfter(250)).isEqualTo(7_250);
    assertThat(shownAfter(1_000)).isEqualTo(8_250);
  }

  @Test
  void aPauseOfTheProcessCountsForLittleHoweverLongItWas() {
    assertThat(shownAfter(60_000)).isEqualTo(8_000);
    assertThat(shownAfter(1)).isEqualTo(8_001);
  }
}
