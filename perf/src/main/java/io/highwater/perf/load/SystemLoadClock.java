package io.highwater.perf.load;

import java.util.concurrent.locks.LockSupport;

/** The clock of this machine. Sleeps without spinning: the brokers need the processor more. */
final class SystemLoadClock implements LoadClock {
  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public void sleepUntil(long nanoTime) {
    long left = nanoTime - System.nanoTime();
    while (left > 0 && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(this, left);
      left = nanoTime - System.nanoTime();
    }
  }
}
