package io.highwater.perf.system;

/** A measured system did not do what it should; the message is one line for the report. */
public final class SystemFailureException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A failure without another cause. */
  public SystemFailureException(String message) {
    super(message);
  }

  /** A failure because of another. */
  public SystemFailureException(String message, Throwable cause) {
    super(message, cause);
  }
}
