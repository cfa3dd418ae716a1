package io.highwater.perf.load;

/** Says that a run is to end early; from any thread. */
final class StopSignal {
  private volatile boolean set;

  /** Ends the run. */
  void set() {
    set = true;
  }

  /** Whether the run is to end. */
  boolean isSet() {
    return set;
  }
}
