package io.highwater.perf.load;

/** Hears of the end of sends; one object serves many. Safe for any number of threads. */
@FunctionalInterface
public interface SendCompletion {
  /** The token of a send that is counted but not timed. */
  long NO_TOKEN = Long.MIN_VALUE;

  /**
   * A send has ended.
   *
   * @param token of the send
   * @param failure why it failed, or null when it was acknowledged
   */
  void completed(long token, Throwable failure);
}
