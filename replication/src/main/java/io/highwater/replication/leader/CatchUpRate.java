package io.highwater.replication.leader;

import java.util.concurrent.TimeUnit;

/**
 * How fast this broker pushes to replicas that a reassignment adds, by how long producers wait for
 * acknowledgements of acks=all: from one second to the next it is halved while more than a tenth of
 * them wait for longer than the bound, doubled once nine tenths wait for less than half of it, and
 * left alone between. It never ends, so that the reassignment does. Pure; for one thread.
 */
public final class CatchUpRate {
  /** Producers do not wait, or nobody asked. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** Bytes per second, however long producers wait. */
  static final long LEAST = 2 << 20;

  /** Whoever comes so far is held back no more. */
  private static final long MOST = 1L << 30;

  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Fewer say nothing. */
  private static final int MIN_ACKNOWLEDGED = 5;

  private final long boundNanos;
  private long windowStartNanos;
  private long acknowledged;
  private long late;
  private long lateByHalf;
  private long sentBytes;
  private long rate = UNLIMITED;

  /**
   * @param boundMs how long producers may wait; 0: for ever
   */
  public CatchUpRate(long boundMs, long nowNanos) {
    boundNanos = boundMs == 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(boundMs);
    windowStartNanos = nowNanos;
  }

  /** A batch was acknowledged, or given up, so long after it came. */
  public void acknowledged(long latencyNanos, long nowNanos) {
    roll(nowNanos);
    acknowledged++;
    late += latencyNanos > boundNanos ? 1 : 0;
    lateByHalf += latencyNanos > boundNanos / 2 ? 1 : 0;
  }

  /** Bytes were pushed. */
  void sent(int bytes, long nowNanos) {
    roll(nowNanos);
    sentBytes += bytes;
  }

  /** Bytes per second now, or {@link #UNLIMITED}. */
  public long bytesPerSecond(long nowNanos) {
    roll(nowNanos);
    return rate;
  }

  private void roll(long nowNanos) {
    long windows = (nowNanos - windowStartNanos) / WINDOW_NANOS;
    if (windows < 1) {
      return;
    }
    judge();
    acknowledged = 0;
    late = 0;
    lateByHalf = 0;
    sentBytes = 0;
    // Seconds in which nobody came by, and nobody waited.
    for (long quiet = 1; quiet < windows && rate != UNLIMITED; quiet++) {
      judge();
    }
    windowStartNanos += windows * WINDOW_NANOS;
  }

  private void judge() {
    if (acknowledged >= MIN_ACKNOWLEDGED && late * 10 > acknowledged) {
      rate = Math.max(LEAST, Math.min(rate, sentBytes) / 2);
    } else if (rate != UNLIMITED && (acknowledged == 0 || lateByHalf * 10 <= acknowledged)) {
      rate = rate * 2 > MOST ? UNLIMITED : rate * 2;
    }
  }
}
