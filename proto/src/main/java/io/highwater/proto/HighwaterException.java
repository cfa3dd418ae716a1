package io.highwater.proto;

import java.util.Objects;

/**
 * An operating error: something that happens to correct programs, with a code that says whether a
 * retry helps and who must act. Broken invariants are {@link InvariantViolation}s instead.
 */
public class HighwaterException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

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
    super(message, cause);
    this.code = Objects.requireNonNull(code, "code");
  }

  /** What went wrong. */
  public ErrorCode code() {
    return code;
  }
}
