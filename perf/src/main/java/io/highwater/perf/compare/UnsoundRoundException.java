package io.highwater.perf.compare;

/** A round ran, but records failed, are missing or differ; the message is one line. */
final class UnsoundRoundException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnsoundRoundException(String message) {
    super(message);
  }
}
