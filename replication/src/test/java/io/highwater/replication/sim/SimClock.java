package io.highwater.replication.sim;

import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/** Virtual time as the broker's two clocks. */
record SimClock(SimScheduler scheduler) implements NanoClock, EpochClock {
  @Override
  public long nanoTime() {
    return scheduler.nowNanos();
  }

  @Override
  public long time() {
    return 1_700_000_000_000L + scheduler.nowMs();
  }
}
