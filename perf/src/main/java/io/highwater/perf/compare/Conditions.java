package io.highwater.perf.compare;

import java.util.Locale;

/**
 * What must be equal for figures of two runs to be compared.
 *
 * @param machine where
 * @param seconds of a measured part that lasts by the clock
 * @param warmupSeconds of the part before it, which is not counted
 * @param pageCache whether memory was filled before, so that all systems write into memory that the
 *     machine already holds: {@code filled} or {@code as found}
 */
public record Conditions(Machine machine, double seconds, double warmupSeconds, String pageCache) {
  /** Said of memory that was filled. */
  public static final String FILLED = "filled";

  /** Said of memory that was left alone. */
  public static final String AS_FOUND = "as found";

  public Conditions {
    machine = machine == null ? Machine.UNKNOWN : machine;
    pageCache = pageCache == null ? AS_FOUND : pageCache;
  }

  /** For people. */
  public String text() {
    return String.format(
        Locale.ROOT,
        "%s; %s s measured after %s s of warm-up that do not count; page cache %s",
        machine.text(),
        number(seconds),
        number(warmupSeconds),
        pageCache);
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.valueOf(value);
  }
}
