package io.highwater.perf.compare;

import java.util.List;
import java.util.Map;

/** Result lines for tests. */
public final class SampleLines {
  /** Where all samples were measured. */
  public static final Conditions CONDITIONS =
      new Conditions(
          new Machine("a processor", 2, 8L << 30, "Linux", "17"), 20, 10, Conditions.FILLED);

  private SampleLines() {}

  /** A round of {@code produce/rf1/100B/none/16KiB} that was measured. */
  public static ResultLine measured(String system, int round, double recordsPerSecond) {
    return measured("2026-01-01T00:00:00Z", "c0ffee", system, round, recordsPerSecond);
  }

  /** The same of some run and commit. */
  public static ResultLine measured(
      String run, String commit, String system, int round, double recordsPerSecond) {
    return line(
        run,
        commit,
        system,
        round,
        Outcome.MEASURED,
        null,
        Map.of(
            Metric.RECORDS_PER_SECOND.key(),
            recordsPerSecond,
            Metric.CPU_MICROS_PER_RECORD.key(),
            1e6 / recordsPerSecond));
  }

  /** A round that was not. */
  public static ResultLine unmeasured(String system, int round, Outcome outcome, String reason) {
    return line("2026-01-01T00:00:00Z", "c0ffee", system, round, outcome, reason, Map.of());
  }

  private static ResultLine line(
      String run,
      String commit,
      String system,
      int round,
      Outcome outcome,
      String reason,
      Map<String, Double> metrics) {
    return new ResultLine(
        run,
        run,
        commit,
        CONDITIONS,
        "produce/rf1/100B/none/16KiB",
        "Produce 100 B records",
        "none, 16 KiB",
        List.of(Metric.RECORDS_PER_SECOND.key(), Metric.CPU_MICROS_PER_RECORD.key()),
        system,
        round,
        outcome,
        reason,
        Map.of(ResultLine.SETUP, "version: 1"),
        metrics);
  }

  /** A round of a latency scenario, with a whole curve. */
  public static ResultLine latency(String system, int round, double p50Micros) {
    return new ResultLine(
        "2026-01-01T00:00:00Z",
        null,
        "c0ffee",
        CONDITIONS,
        "latency/rf1/1KiB/1000",
        "Latency",
        "at 1,000/s",
        List.of(Metric.LATENCY_P99_MICROS.key(), Metric.LATENCY_P50_MICROS.key()),
        system,
        round,
        Outcome.MEASURED,
        null,
        Map.of(),
        Map.of(
            Metric.LATENCY_P50_MICROS.key(), p50Micros,
            Metric.LATENCY_P90_MICROS.key(), p50Micros * 2,
            Metric.LATENCY_P99_MICROS.key(), p50Micros * 5,
            Metric.LATENCY_P999_MICROS.key(), p50Micros * 9,
            Metric.LATENCY_P9999_MICROS.key(), p50Micros * 20,
            Metric.LATENCY_MAX_MICROS.key(), p50Micros * 40));
  }
}
