package io.highwater.perf.compare;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What is measured; the keys stand in results files and never change their meaning. */
public enum Metric {
  RECORDS_PER_SECOND("recordsPerSecond", "Records per second", "records/s", 1, true),
  MEGABYTES_PER_SECOND("megabytesPerSecond", "Megabytes per second", "MB/s", 1, true),
  CPU_MICROS_PER_RECORD("cpuMicrosPerRecord", "CPU per record, client and brokers", "µs", 1, false),
  CLIENT_CPU_MICROS_PER_RECORD(
      "clientCpuMicrosPerRecord", "CPU per record, client", "µs", 1, false),
  BROKER_CPU_MICROS_PER_RECORD(
      "brokerCpuMicrosPerRecord", "CPU per record, all brokers", "µs", 1, false),
  ALLOCATED_BYTES_PER_RECORD(
      "allocatedBytesPerRecord", "Client's allocation per record", "B", 1, false),
  LATENCY_P50_MICROS("latencyP50Micros", "Latency p50", "ms", 1e3, false),
  LATENCY_P90_MICROS("latencyP90Micros", "Latency p90", "ms", 1e3, false),
  LATENCY_P99_MICROS("latencyP99Micros", "Latency p99", "ms", 1e3, false),
  LATENCY_P999_MICROS("latencyP999Micros", "Latency p99.9", "ms", 1e3, false),
  LATENCY_P9999_MICROS("latencyP9999Micros", "Latency p99.99", "ms", 1e3, false),
  LATENCY_MAX_MICROS("latencyMaxMicros", "Latency max", "ms", 1e3, false),
  FIRST_ACK_MILLIS("firstAckMillis", "Time to the first acknowledgement", "ms", 1, false),
  DISK_BYTES_PER_RECORD("diskBytesPerRecord", "Disk per record, one replica", "B", 1, false),
  RESIDENT_BYTES("residentBytes", "Resident memory of a broker", "MB", 1e6, false);

  private final String key;
  private final String title;
  private final String unit;
  private final double divisor;
  private final boolean higherIsBetter;

  Metric(String key, String title, String unit, double divisor, boolean higherIsBetter) {
    this.key = key;
    this.title = title;
    this.unit = unit;
    this.divisor = divisor;
    this.higherIsBetter = higherIsBetter;
  }

  /** The metric with this key, if there is one. */
  public static Optional<Metric> ofKey(String key) {
    return Arrays.stream(values()).filter(metric -> metric.key.equals(key)).findFirst();
  }

  /** Its name in results files. */
  public String key() {
    return key;
  }

  /** Its name for people. */
  public String title() {
    return title;
  }

  /** The unit that people read it in; {@link #scaled} converts to it. */
  public String unit() {
    return unit;
  }

  /** Whether more is better; for the others less is. */
  public boolean isHigherBetter() {
    return higherIsBetter;
  }

  /** A value as stored, in {@link #unit}. */
  public double scaled(double value) {
    return value / divisor;
  }

  /** A value as stored, for people, in three digits and without the unit. */
  public String format(double value) {
    double scaled = scaled(value);
    double size = Math.abs(scaled);
    if (size >= 1e6) {
      return String.format(Locale.ROOT, "%.2f M", scaled / 1e6);
    }
    if (size >= 1e5) {
      return String.format(Locale.ROOT, "%.0f k", scaled / 1e3);
    }
    if (size >= 100) {
      return String.format(Locale.ROOT, "%,.0f", scaled);
    }
    return String.format(Locale.ROOT, size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f", scaled);
  }
}
