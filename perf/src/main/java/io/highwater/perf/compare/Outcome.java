package io.highwater.perf.compare;

/** How a round of one system in one scenario ended. */
public enum Outcome {
  /** All went well: the metrics count. */
  MEASURED,
  /** It ran, but records failed, are missing or differ (count or checksum): no figure counts. */
  UNSOUND,
  /** It could not be run to its end. */
  FAILED,
  /** It was not tried, because the system is not here. */
  SKIPPED
}
