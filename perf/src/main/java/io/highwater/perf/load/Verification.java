package io.highwater.perf.load;

/**
 * What was read, compared with what was written.
 *
 * @param verdict of the comparison
 * @param expected what was written, or null when unknown
 * @param received what was read
 */
public record Verification(Verdict verdict, Tally expected, Tally received) {
  /** How the comparison ended. */
  public enum Verdict {
    /** Count and checksum are those of what was written. */
    RIGHT,
    /** Count or checksum differs. */
    WRONG,
    /** Nobody knows what was written; only the count was asked for. */
    UNKNOWN
  }

  /**
   * Compares.
   *
   * @param expected null when unknown
   */
  static Verification of(Tally expected, Tally received) {
    if (expected == null) {
      return new Verification(Verdict.UNKNOWN, null, received);
    }
    return new Verification(
        expected.equals(received) ? Verdict.RIGHT : Verdict.WRONG, expected, received);
  }
}
