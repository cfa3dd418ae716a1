package io.highwater.replication;

import java.util.function.LongSupplier;

/** How often what the disk refused is tried again when nothing else brings it up. */
final class RetryPace {
  static final long RETRY_MS = 1_000;

  private final LongSupplier nowMs;
  private long lastMs;

  /**
   * @param nowMs monotonic time
   */
  RetryPace(LongSupplier nowMs) {
    this.nowMs = nowMs;
    this.lastMs = nowMs.getAsLong();
  }

  /** Whether the last try is {@value #RETRY_MS} ms ago; then one is taken to begin now. */
  boolean isDue() {
    long now = nowMs.getAsLong();
    if (now - lastMs < RETRY_MS) {
      return false;
    }
    lastMs = now;
    return true;
  }
}
