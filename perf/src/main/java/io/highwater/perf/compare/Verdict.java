package io.highwater.perf.compare;

/** What a comparison of two systems by one metric may claim. */
public enum Verdict {
  /** Every round of the first was better than every round of the second. */
  BETTER("better"),
  /** Every round of the first was worse than every round of the second. */
  WORSE("worse"),
  /** The ranges overlap: the difference is smaller than the noise. */
  WITHIN_NOISE("within noise"),
  /** Fewer than {@link Comparison#ENOUGH_ROUNDS} rounds of one of them: a hint, no more. */
  TOO_FEW_ROUNDS("too few rounds"),
  /** A round of one of them was not measured, so that its figures cannot stand for it. */
  INCOMPLETE("not comparable");

  private final String text;

  Verdict(String text) {
    this.text = text;
  }

  /** For people. */
  public String text() {
    return text;
  }
}
