package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SteadyClockTest {
  private final AtomicLong wallMs = new AtomicLong(1_000_000_000);
  private final AtomicLong nanos = new AtomicLong(5);
  private final SteadyClock clock = new SteadyClock(wallMs::get, nanos::get);

  private void pass(long ms) {
    wallMs.addAndGet(ms);
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(ms));
  }

  @Test
  void followsTheWallClock() {
    pass(86_400_000);
    wallMs.addAndGet(500);

    assertThat(clock.time()).isEqualTo(wallMs.get());
  }

  @Test
  void aLeapForwardAgesNothing() {
    pass(10);
    wallMs.addAndGet(TimeUnit.DAYS.toMillis(3650));

    assertThat(clock.time()).isEqualTo(1_000_000_010);
    pass(1_000);
    assertThat(clock.time()).isEqualTo(1_000_001_010);
  }

  @Test
  void aLeapBackStopsNothing() {
    wallMs.addAndGet(-TimeUnit.DAYS.toMillis(3650));
    pass(7_000);

    assertThat(clock.time()).isEqualTo(1_000_007_000);
  }

  @Test
  void aClockThatComesBackIsFollowedAgain() {
    wallMs.addAndGet(TimeUnit.DAYS.toMillis(1));
    pass(5_000);
    assertThat(clock.time()).isEqualTo(1_000_005_000);

    wallMs.addAndGet(-TimeUnit.DAYS.toMillis(1) + 30_000);
    pass(1);

    assertThat(clock.time()).isEqualTo(wallMs.get());
  }

  @Test
  void smallAdjustmentsAddUpToWhateverTheWallClockShows() {
    for (int i = 0; i < 1_000; i++) {
      pass(1_000);
      wallMs.addAndGet(900);
      assertThat(clock.time()).isEqualTo(wallMs.get());
    }
  }
}
