package io.highwater.perf.load;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/** Hears of sends: counts all, times those that carry the moment of their beginning as token. */
final class SendCount implements SendCompletion {
  private final LongAdder acknowledged = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final LoadClock clock;
  private final LatencyLog latencies;

  /**
   * @param latencies of acknowledged sends that are timed
   */
  SendCount(LoadClock clock, LatencyLog latencies) {
    this.clock = clock;
    this.latencies = latencies;
  }

  @Override
  public void completed(long token, Throwable failureOrNull) {
    if (failureOrNull != null) {
      failed.increment();
      failure.compareAndSet(null, failureOrNull);
      return;
    }
    acknowledged.increment();
    if (token != NO_TOKEN) {
      latencies.record(clock.nanoTime() - token);
    }
  }

  /** How many were acknowledged. */
  long acknowledged() {
    return acknowledged.sum();
  }

  /** How many failed. */
  long failed() {
    return failed.sum();
  }

  /** The first failure, or null. */
  Throwable failure() {
    return failure.get();
  }
}
