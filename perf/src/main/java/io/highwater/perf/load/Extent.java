package io.highwater.perf.load;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Locale;

/**
 * How long a part of a run is: so many records or so many milliseconds.
 *
 * @param records how many, or 0 when time decides
 * @param durationMs how long, or 0 when the records decide
 */
public record Extent(long records, long durationMs) {
  /** Nothing at all: no warm-up. */
  public static final Extent NONE = new Extent(0, 0);

  public Extent {
    if (records < 0 || durationMs < 0) {
      throw new IllegalArgumentException(
          "an extent of " + records + " records, " + durationMs + " ms is negative");
    }
    if (records > 0 && durationMs > 0) {
      throw new IllegalArgumentException(
          "an extent is so many records or so many milliseconds, not " + records + " and both");
    }
  }

  /** So many records. */
  public static Extent ofRecords(long records) {
    return new Extent(records, 0);
  }

  /** So many milliseconds. */
  public static Extent ofMillis(long durationMs) {
    return new Extent(0, durationMs);
  }

  /** Whether there is nothing to do. */
  @JsonIgnore
  public boolean isNone() {
    return records == 0 && durationMs == 0;
  }

  /**
   * One of several equal parts, made side by side.
   *
   * @param part 0 to {@code parts - 1}; earlier ones take what does not divide
   */
  Extent share(int part, int parts) {
    if (records == 0) {
      return this;
    }
    return ofRecords(records / parts + (part < records % parts ? 1 : 0));
  }

  /** For people. */
  @Override
  public String toString() {
    if (isNone()) {
      return "none";
    }
    return records > 0
        ? String.format(Locale.ROOT, "%,d records", records)
        : String.format(Locale.ROOT, "%.1f s", durationMs / 1e3);
  }
}
