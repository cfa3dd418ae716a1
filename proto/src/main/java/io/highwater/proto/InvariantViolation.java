package io.highwater.proto;

/**
 * A rule that must always hold was found broken: a programming error or damaged memory. Whoever
 * catches it must stop using the state it concerns.
 */
public final class InvariantViolation extends Error {
  private static final long serialVersionUID = 1L;

  InvariantViolation(String message) {
    super(message);
  }
}
