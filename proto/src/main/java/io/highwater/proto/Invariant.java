package io.highwater.proto;

/**
 * Checks of rules that must always hold; they run in production. Nothing is boxed and no text is
 * built while the rule holds.
 */
public final class Invariant {
  private Invariant() {}

  /**
   * Checks a rule.
   *
   * @param holds the rule
   * @param rule the rule in words, with its id where it has one
   * @throws InvariantViolation when it does not hold
   */
  public static void check(boolean holds, String rule) {
    if (!holds) {
      throw new InvariantViolation(rule);
    }
  }

  /**
   * Checks a rule about one value.
   *
   * @throws InvariantViolation when it does not hold, naming the value
   */
  public static void check(boolean holds, String rule, long value) {
    if (!holds) {
      throw new InvariantViolation(rule + " [" + value + "]");
    }
  }

  /**
   * Checks a rule about two values.
   *
   * @throws InvariantViolation when it does not hold, naming the values in the order given
   */
  public static void check(boolean holds, String rule, long first, long second) {
    if (!holds) {
      throw new InvariantViolation(rule + " [" + first + ", " + second + "]");
    }
  }
}
