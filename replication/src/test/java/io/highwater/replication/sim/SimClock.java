package io.highwater.replication.sim;

import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/** The two clocks of one machine: both may run fast or slow, and the one on the wall leaps. */
public final class SimClock implements NanoClock, EpochClock {
  private final SimScheduler scheduler;
  private double rate = 1;
  private long sinceNanos;
  private long shownThenNanos;
  private long leapMs = 1_700_000_000_000L;

  /** Right until it is told otherwise. */
  public SimClock(SimScheduler scheduler) {
    this.scheduler = scheduler;
    sinceNanos = scheduler.nowNanos();
    shownThenNanos = sinceNanos;
  }

  /** From now on a true second takes {@code rate} seconds. */
  void runAt(double newRate) {
    shownThenNanos = nanoTime();
    sinceNanos = scheduler.nowNanos();
    rate = newRate;
  }

  /** The wall clock is set, forward or back. */
  void leap(long byMs) {
    leapMs += byMs;
  }

  /** How long something takes in truth that takes so long by this clock. */
  long trueNanos(long shownNanos) {
    return (long) (shownNanos / rate);
  }

  @Override
  public long nanoTime() {
    return shownThenNanos + (long) ((scheduler.nowNanos() - sinceNanos) * rate);
  }

  @Override
  public long time() {
    return leapMs + TimeUnit.NANOSECONDS.toMillis(nanoTime());
  }
}
