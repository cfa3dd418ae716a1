package io.highwater.log.compact;

import org.agrona.concurrent.NanoClock;

/**
 * Holds the bytes that cleaning reads and writes to a rate ({@code
 * log.cleaner.io.max.bytes.per.second}), by pauses of the thread that cleans. One thread.
 */
public final class IoThrottle {
  /** Lets the calling thread wait. */
  @FunctionalInterface
  public interface Pause {
    /** Waits about so long; may return early. */
    void forNanos(long nanos);
  }

  /** Does not hold anything back. */
  public static final IoThrottle NONE = new IoThrottle(Long.MAX_VALUE, () -> 0, nanos -> {});

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** Shorter pauses cost more than they hold back; longer ones would stop a close. */
  private static final long PERIOD_NANOS = 100_000_000L;

  private final long bytesPerSecond;
  private final NanoClock clock;
  private final Pause pause;
  private long periodStart;
  private long bytesInPeriod;

  /** A throttle to {@code bytesPerSecond}, read and written together; from 1. */
  public IoThrottle(long bytesPerSecond, NanoClock clock, Pause pause) {
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException("bytesPerSecond " + bytesPerSecond);
    }
    this.bytesPerSecond = bytesPerSecond;
    this.clock = clock;
    this.pause = pause;
    this.periodStart = clock.nanoTime();
  }

  /** Counts bytes that were read or written, and pauses when they were too many. */
  public void spent(long bytes) {
    if (bytesPerSecond == Long.MAX_VALUE) {
      return;
    }
    bytesInPeriod += bytes;
    double earned = (double) bytesPerSecond / NANOS_PER_SECOND * PERIOD_NANOS;
    if (bytesInPeriod < earned) {
      return;
    }
    long due = (long) ((double) bytesInPeriod / bytesPerSecond * NANOS_PER_SECOND);
    long elapsed = clock.nanoTime() - periodStart;
    while (elapsed < due) {
      pause.forNanos(Math.min(PERIOD_NANOS, due - elapsed));
      long now = clock.nanoTime() - periodStart;
      if (now <= elapsed) {
        break; // Interrupted, or a clock that stands: who waits decides what then.
      }
      elapsed = now;
    }
    periodStart = clock.nanoTime();
    bytesInPeriod = 0;
  }
}
