package io.highwater.perf.load;

import org.HdrHistogram.Histogram;

/**
 * Percentiles of latency, in microseconds, from a histogram of nanoseconds.
 *
 * @param count values recorded
 * @param from which moment is the beginning
 */
public record Latency(
    double p50,
    double p90,
    double p99,
    double p999,
    double p9999,
    double max,
    double mean,
    long count,
    From from) {
  private static final double NANOS_PER_MICRO = 1e3;

  /** The moment at which the clock starts. */
  public enum From {
    /** When the record should have been sent: waiting behind a slow system counts. */
    INTENDED,
    /** When the record was sent, of every 64th record. */
    SAMPLED_SEND,
    /** When the record was sent, of every record. */
    SEND
  }

  /** The percentiles of recorded nanoseconds, or null when there are none. */
  static Latency of(Histogram nanos, From from) {
    if (nanos.getTotalCount() == 0) {
      return null;
    }
    return new Latency(
        micros(nanos.getValueAtPercentile(50)),
        micros(nanos.getValueAtPercentile(90)),
        micros(nanos.getValueAtPercentile(99)),
        micros(nanos.getValueAtPercentile(99.9)),
        micros(nanos.getValueAtPercentile(99.99)),
        micros(nanos.getMaxValue()),
        micros(Math.round(nanos.getMean())),
        nanos.getTotalCount(),
        from);
  }

  private static double micros(long nanos) {
    return Math.round(nanos * 10 / NANOS_PER_MICRO) / 10.0;
  }
}
