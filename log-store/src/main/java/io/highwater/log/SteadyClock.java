package io.highwater.log;

import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A wall clock that does not leap (RET-2). It follows the system's while that goes as fast as
 * monotonic time does; when it leaps, this one goes on by monotonic time alone until the system's
 * is back near it. So nothing gets old, or young again, because somebody set a clock. Any thread.
 */
public final class SteadyClock implements EpochClock {
  private static final Logger LOG = LoggerFactory.getLogger(SteadyClock.class);

  /** A larger difference is a leap, not an adjustment. */
  static final long TOLERANCE_MS = 60_000;

  /** Smaller ones are kept until they add up. */
  private static final long UNNOTICED_MS = 1_000;

  private record Anchor(long epochMs, long nanos, boolean leapt) {}

  private final EpochClock wall;
  private final NanoClock monotonic;
  private volatile Anchor anchor;

  /** A clock that begins with what {@code wall} shows. */
  public SteadyClock(EpochClock wall, NanoClock monotonic) {
    this.wall = wall;
    this.monotonic = monotonic;
    this.anchor = new Anchor(wall.time(), monotonic.nanoTime(), false);
  }

  @Override
  public long time() {
    Anchor from = anchor;
    long nanos = monotonic.nanoTime();
    long steadyMs = from.epochMs + TimeUnit.NANOSECONDS.toMillis(nanos - from.nanos);
    long wallMs = wall.time();
    long leapMs = wallMs - steadyMs;
    if (Math.abs(leapMs) > TOLERANCE_MS) {
      if (!from.leapt) {
        anchor = new Anchor(steadyMs, nanos, true);
        LOG.warn("the wall clock leapt by {} ms: ages are counted without it", leapMs);
      }
      return steadyMs;
    }
    if (from.leapt || Math.abs(leapMs) > UNNOTICED_MS) {
      anchor = new Anchor(wallMs, nanos, false);
    }
    return wallMs;
  }
}
