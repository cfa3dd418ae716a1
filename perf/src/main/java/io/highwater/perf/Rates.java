package io.highwater.perf;

/** Rates as they are typed. */
final class Rates {
  private static final double MAX = 1e8;

  private Rates() {}

  /**
   * A rate that can be kept.
   *
   * @throws IllegalArgumentException when it is not above 0
   */
  static double checked(double perSecond) {
    if (!(perSecond > 0 && perSecond <= MAX)) {
      throw new IllegalArgumentException(
          "--rate " + perSecond + " is not above 0 and at most 100,000,000 per second");
    }
    return perSecond;
  }
}
