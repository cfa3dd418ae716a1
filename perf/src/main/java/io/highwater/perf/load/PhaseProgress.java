package io.highwater.perf.load;

/** How far a phase is, told to an observer. */
final class PhaseProgress {
  private static final double NANOS_PER_SECOND = 1e9;

  private final LoadObserver observer;
  private final LoadObserver.Phase phase;
  private final Extent extent;
  private final LoadClock clock;
  private final long startNanos;
  private long wholeSeconds;

  /** Begins now. */
  PhaseProgress(LoadObserver observer, LoadObserver.Phase phase, Extent extent, LoadClock clock) {
    this.observer = observer;
    this.phase = phase;
    this.extent = extent;
    this.clock = clock;
    this.startNanos = clock.nanoTime();
  }

  /**
   * Tells.
   *
   * @return whether another whole second is over since this last returned true
   */
  boolean at(long records) {
    double seconds = (clock.nanoTime() - startNanos) / NANOS_PER_SECOND;
    double fraction =
        extent.records() > 0
            ? (double) records / extent.records()
            : seconds * 1e3 / extent.durationMs();
    observer.at(phase, Math.min(1, fraction), records, seconds);
    if ((long) seconds > wholeSeconds) {
      wholeSeconds = (long) seconds;
      return true;
    }
    return false;
  }
}
