package io.highwater.perf.load;

/** The parts of a run that sends, one after the other, with progress and intervals of latencies. */
final class SendPhases {
  private final Senders senders;
  private final LoadObserver observer;
  private final LoadClock clock;
  private final LatencyLog latencies;
  private final LatencyLog lag;

  /**
   * @param latencies of what the run measures; begun by the caller
   * @param lag how late paced records are handed over
   */
  SendPhases(
      Senders senders,
      LoadObserver observer,
      LoadClock clock,
      LatencyLog latencies,
      LatencyLog lag) {
    this.senders = senders;
    this.observer = observer;
    this.clock = clock;
    this.latencies = latencies;
    this.lag = lag;
  }

  /** Runs a part; nothing when its extent is none. */
  @SuppressWarnings("try") // The ticker only has to be there.
  Senders.Sent run(LoadObserver.Phase phase, Extent extent, SendCount count) {
    if (extent.isNone()) {
      return Senders.Sent.NONE;
    }
    PhaseProgress progress = new PhaseProgress(observer, phase, extent, clock);
    try (Ticker ticker =
        new Ticker(
            () -> {
              if (progress.at(count.acknowledged())) {
                endIntervals(phase);
              }
            })) {
      return senders.run(extent, count, latencies, lag);
    }
  }

  /** To be called when all latencies of the measured part are recorded. */
  void end() {
    endIntervals(LoadObserver.Phase.MEASURED);
  }

  private void endIntervals(LoadObserver.Phase phase) {
    if (phase == LoadObserver.Phase.MEASURED) {
      latencies.endInterval();
      lag.endInterval();
    }
  }
}
