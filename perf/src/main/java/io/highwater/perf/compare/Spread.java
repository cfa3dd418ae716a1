package io.highwater.perf.compare;

import java.util.Arrays;
import java.util.Collection;

/**
 * What several rounds measured: the middle and the range, ends included.
 *
 * @param median the middle value, or the mean of the middle two
 * @param rounds how many values; at least 1
 */
public record Spread(double median, double min, double max, int rounds) {
  /**
   * The spread of values in any order.
   *
   * @throws IllegalArgumentException when there are none
   */
  public static Spread of(Collection<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("no values, no spread");
    }
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1
            ? sorted[middle]
            : sorted[middle - 1] + (sorted[middle] - sorted[middle - 1]) / 2;
    return new Spread(median, sorted[0], sorted[sorted.length - 1], sorted.length);
  }

  /** Whether some value lies in both ranges. */
  public boolean overlaps(Spread other) {
    return min <= other.max && other.min <= max;
  }
}
