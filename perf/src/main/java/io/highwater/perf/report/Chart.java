package io.highwater.perf.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What a chart shows. Drawing is the chart library's work in the page.
 *
 * @param unit of the values
 * @param labels of the places along the axis of categories
 */
public record Chart(
    Kind kind, String title, String unit, List<String> labels, List<Series> series) {
  public Chart {
    labels = List.copyOf(labels);
    series = List.copyOf(series);
    for (Series one : series) {
      if (one.points().size() != labels.size()) {
        throw new IllegalArgumentException(
            one.points().size() + " points at " + labels.size() + " places");
      }
    }
  }

  /** Forms of charts. */
  public enum Kind {
    /** Side by side for each label, with the range drawn over each bar. */
    BARS,
    /** Latency over percentiles, logarithmic, with the range as a band. */
    PERCENTILES,
    /** One place for each commit. */
    HISTORY
  }

  /** Values of one system; null where there is none. */
  public record Series(String name, List<Point> points) {
    public Series {
      // List.copyOf refuses the nulls that mean a gap.
      points = Collections.unmodifiableList(new ArrayList<>(points));
    }
  }

  /** A median with its range. */
  public record Point(double median, double min, double max) {}
}
