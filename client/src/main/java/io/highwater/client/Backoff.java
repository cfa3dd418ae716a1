package io.highwater.client;

/**
 * How long to wait before the next try: doubles with every failure up to a limit, spread by jitter
 * so that clients do not come back in step. Pure.
 *
 * @param initialMs after the first failure
 * @param maxMs the limit, before jitter
 * @param jitter part of the delay that is random, 0 to 1
 */
public record Backoff(long initialMs, long maxMs, double jitter) {
  private static final int MAX_DOUBLINGS = 30;

  public Backoff {
    if (initialMs < 0 || maxMs < initialMs || jitter < 0 || jitter > 1) {
      throw new IllegalArgumentException(
          "backoff " + initialMs + " to " + maxMs + " ms, jitter " + jitter);
    }
  }

  /**
   * The delay after some failures in a row.
   *
   * @param failures how many, from 1
   * @param random evenly spread over [0, 1)
   * @return ms, within jitter around the doubled delay
   */
  public long delayMs(int failures, double random) {
    int doublings = Math.min(Math.max(failures - 1, 0), MAX_DOUBLINGS);
    long delayMs = initialMs > maxMs >> doublings ? maxMs : initialMs << doublings;
    return Math.max(0, Math.round(delayMs * (1 + jitter * (2 * random - 1))));
  }
}
