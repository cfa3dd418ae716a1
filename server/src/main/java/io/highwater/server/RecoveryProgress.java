package io.highwater.server;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.NanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells while a broker recovers, and so does not serve, how far it is. Any thread. */
final class RecoveryProgress {
  private static final Logger LOG = LoggerFactory.getLogger(RecoveryProgress.class);
  private static final long EVERY_NS = TimeUnit.SECONDS.toNanos(1);

  private final int total;
  private final NanoClock clock;
  private final AtomicInteger opened = new AtomicInteger();
  private final AtomicLong toldNs;

  RecoveryProgress(int total, NanoClock clock) {
    this.total = total;
    this.clock = clock;
    this.toldNs = new AtomicLong(clock.nanoTime());
  }

  /** Another log is open, or given up. */
  void opened() {
    int done = opened.incrementAndGet();
    long lastNs = toldNs.get();
    long nowNs = clock.nanoTime();
    if (nowNs - lastNs >= EVERY_NS && toldNs.compareAndSet(lastNs, nowNs)) {
      LOG.info("recovering, not serving yet: {} % ({} of {} logs)", percent(done), done, total);
    }
  }

  /** Whole percent of the logs, 100 only when all are done. */
  int percent(int done) {
    return (int) (100L * done / total);
  }
}
