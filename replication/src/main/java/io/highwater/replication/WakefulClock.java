package io.highwater.replication;

import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;

/**
 * A monotonic clock that hardly counts what its process slept through: whoever was frozen for a
 * while, by a signal or a long collection of garbage, heard nobody meanwhile and cannot tell who
 * was silent. Between two looks at it at most a fixed time passes, so somebody has to look more
 * often. On one thread.
 */
final class WakefulClock implements NanoClock {
  private final NanoClock clock;
  private final long mostNanos;
  private long shownNanos;
  private long lookedAtNanos;

  /**
   * @param mostMs what passes at most from one look to the next
   */
  WakefulClock(NanoClock clock, long mostMs) {
    this.clock = clock;
    mostNanos = TimeUnit.MILLISECONDS.toNanos(mostMs);
    lookedAtNanos = clock.nanoTime();
    shownNanos = lookedAtNanos;
  }

  @Override
  public long nanoTime() {
    long now = clock.nanoTime();
    shownNanos += Math.min(now - lookedAtNanos, mostNanos);
    lookedAtNanos = now;
    return shownNanos;
  }
}
