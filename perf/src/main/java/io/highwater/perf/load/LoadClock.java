package io.highwater.perf.load;

/** Time, as a load generator needs it. */
interface LoadClock {
  /** Nanoseconds from an arbitrary moment. */
  long nanoTime();

  /** Returns at that time, as soon after it as the system can, or when interrupted. */
  void sleepUntil(long nanoTime);
}
