package io.highwater.perf.compare;

import java.util.Locale;
import java.util.Optional;

/**
 * One system against another by one metric.
 *
 * <p>The rule for noise: when the ranges (lowest to highest of all rounds) of the two systems
 * overlap, the difference of their medians is not told from chance and nobody wins. With three
 * rounds each, two equal systems come apart by chance in one comparison of ten.
 *
 * @param advantage how many times better the median of the first is, whichever direction is better:
 *     above 1 the first is ahead; NaN when a median is missing or 0
 */
public record Comparison(double advantage, Verdict verdict) {
  /** Rounds of each system below which nothing is claimed. */
  public static final int ENOUGH_ROUNDS = 3;

  /** The rule for noise, for reports. */
  public static final String NOISE_RULE =
      "“Better” and “worse” are said only when every round of one system beat every round of the"
          + " other. When the ranges (min–max over all rounds) overlap, the verdict is “within"
          + " noise”, however far apart the medians are; with fewer than "
          + ENOUGH_ROUNDS
          + " rounds each it is “too few rounds”; when a round of either failed, read wrong records"
          + " or was skipped, it is “not comparable”.";

  /** Compares the first with the second. */
  public static Comparison of(Metric metric, SystemSummary first, SystemSummary second) {
    Optional<Spread> ours = first.spread(metric);
    Optional<Spread> theirs = second.spread(metric);
    if (ours.isEmpty() || theirs.isEmpty()) {
      return new Comparison(Double.NaN, Verdict.INCOMPLETE);
    }
    return new Comparison(
        advantage(metric, ours.get().median(), theirs.get().median()),
        first.isComplete() && second.isComplete()
            ? verdict(metric, ours.get(), theirs.get())
            : Verdict.INCOMPLETE);
  }

  /** What may be claimed of two sets of rounds that all went well. */
  public static Verdict verdict(Metric metric, Spread first, Spread second) {
    if (first.rounds() < ENOUGH_ROUNDS || second.rounds() < ENOUGH_ROUNDS) {
      return Verdict.TOO_FEW_ROUNDS;
    }
    if (first.overlaps(second)) {
      return Verdict.WITHIN_NOISE;
    }
    return first.min() > second.max() == metric.isHigherBetter() ? Verdict.BETTER : Verdict.WORSE;
  }

  /** How many times better the first median is. */
  public static double advantage(Metric metric, double first, double second) {
    if (first <= 0 || second <= 0) {
      return Double.NaN;
    }
    return metric.isHigherBetter() ? first / second : second / first;
  }

  /** The advantage for people, e.g. {@code 3.1×}, or a dash when there is none to tell. */
  public String advantageText() {
    if (Double.isNaN(advantage)) {
      return "–";
    }
    return String.format(Locale.ROOT, advantage < 10 ? "%.2f×" : "%.1f×", advantage);
  }
}
