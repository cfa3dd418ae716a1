package io.highwater.perf.load;

/** Hears how far a run is, about ten times a second, from a thread of the run. */
@FunctionalInterface
public interface LoadObserver {
  /** Nobody is interested. */
  LoadObserver NONE = (phase, fraction, records, seconds) -> {};

  /** Parts of a run. */
  enum Phase {
    /** Not measured. */
    WARM_UP,
    /** Measured. */
    MEASURED
  }

  /**
   * How far it is.
   *
   * @param fraction of the phase, 0 to 1
   * @param records acknowledged or read in the phase
   * @param seconds since the phase began
   */
  void at(Phase phase, double fraction, long records, double seconds);
}
