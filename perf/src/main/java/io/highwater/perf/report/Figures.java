package io.highwater.perf.report;

import io.highwater.perf.compare.Metric;
import io.highwater.perf.compare.Spread;

/** How spreads are shown. */
final class Figures {
  private Figures() {}

  /** A median and its range, without the unit. */
  static String text(Metric metric, Spread spread) {
    String median = metric.format(spread.median());
    return spread.rounds() == 1
        ? median
        : median + " (" + metric.format(spread.min()) + "–" + metric.format(spread.max()) + ")";
  }

  /** A spread in the metric's unit. */
  static Chart.Point point(Metric metric, Spread spread) {
    return new Chart.Point(
        metric.scaled(spread.median()), metric.scaled(spread.min()), metric.scaled(spread.max()));
  }
}
