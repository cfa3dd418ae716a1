package io.highwater.perf.load;

/** A clock that moves when it is told to, or slept on. */
final class SteppedClock implements LoadClock {
  private long nanos;

  @Override
  public long nanoTime() {
    return nanos;
  }

  @Override
  public void sleepUntil(long nanoTime) {
    nanos = Math.max(nanos, nanoTime);
  }

  void advance(long nanos) {
    this.nanos += nanos;
  }
}
