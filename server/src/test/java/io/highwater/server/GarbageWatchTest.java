package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GarbageWatchTest {
  private final List<String> ends = new ArrayList<>();
  private long nowMs = 5_000;
  private long pausedMs = 100_000;
  private double filled = 0.99;

  private final GarbageWatch watch =
      new GarbageWatch(
          () -> nowMs * 1_000_000,
          new GarbageWatch.Heap() {
            @Override
            public long pausedMs() {
              return pausedMs;
            }

            @Override
            public double filled() {
              return filled;
            }
          },
          ends::add);

  private void pass(int seconds, int stepMs, double paused) {
    for (int ms = 0; ms < seconds * 1_000; ms += stepMs) {
      nowMs += stepMs;
      pausedMs += Math.round(stepMs * paused);
      watch.sample();
    }
  }

  @Test
  void aProcessThatOnlyCollectsGarbageEndsWithTheReason() {
    pass(60, 1_000, 0.2);
    pass(GarbageWatch.WINDOW_SECONDS - 5, 1_000, 0.99);
    assertThat(ends).as("it may pass").isEmpty();
    pass(5, 1_000, 0.99);
    assertThat(ends).hasSizeGreaterThan(0);
    assertThat(ends.get(0)).contains("collecting garbage", "-Xmx");
  }

  @Test
  void theWatchMayBeHeldUpItself() {
    watch.sample();
    pass(60, 9_000, 0.97);
    assertThat(ends).isNotEmpty();
  }

  @Test
  void whoCollectsMuchAndHasRoomGoesOn() {
    filled = 0.7;
    pass(120, 1_000, 0.99);
    assertThat(ends).isEmpty();
  }

  @Test
  void aFullHeapThatIsCollectedSeldomIsFine() {
    pass(120, 1_000, 0.5);
    pass(10, 1_000, 0.99);
    pass(120, 1_000, 0.5);
    assertThat(ends).isEmpty();
  }
}
