package io.highwater.proto;

import java.util.Objects;

/**
 * An operating error: something that happens to correct programs, with a code that says whether a
 * retry helps and who must act. Broken invariants are {@link InvariantViolation}s instead.
 */
public class HighwaterException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final Outcome outcome;

  /**
   * @param code what went wrong; not NONE
   * @param message for people: what was expected and what was found
   */
  public HighwaterException(ErrorCode code, String message) {
    this(code, message, null);
  }

  /**
   * @param code what went wrong; not NONE
   * @param message for people: what was expected and what was found
   * @param cause what led to it, or null
   */
  public HighwaterException(ErrorCode code, String message, Throwable cause) {
    this(code, code.outcome(), message, cause);
  }

  /**
   * @param code what went wrong; not NONE
   * @param outcome REFUSED or UNKNOWN, where more is known than the code alone says
   * @param message for people: what was expected and what was found
   * @param cause what led to it, or null
   */
  public HighwaterException(ErrorCode code, Outcome outcome, String message, Throwable cause) {
    super(message, cause);
    this.code = Objects.requireNonNull(code, "code");
    this.outcome = Objects.requireNonNull(outcome, "outcome");
  }

  /** What went wrong. */
  public ErrorCode code() {
    return code;
  }

  /**
   * What became of the change that failed so: REFUSED when it had no effect and will have none,
   * UNKNOWN when it may have had its effect or have it later (ACK-2). Means nothing where nothing
   * was to be changed.
   */
  public Outcome outcome() {
    return outcome;
  }
}
