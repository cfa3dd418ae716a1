package io.highwater.replication.follower;

/**
 * How long to wait before the next attempt to reach a broker: doubling, capped, and spread out so
 * that brokers do not come back all at once. Pure.
 *
 * @param firstMs before the first retry, positive
 * @param maxMs never more than this
 */
public record ReconnectBackoff(long firstMs, long maxMs) {
  public ReconnectBackoff {
    if (firstMs < 1 || maxMs < firstMs) {
      throw new IllegalArgumentException("backoff from " + firstMs + " to " + maxMs + " ms");
    }
  }

  /**
   * The pause after some failures in a row.
   *
   * @param failures in a row, from 1
   * @param random from 0 to 1, 1 excluded
   * @return between half and all of the capped exponential pause
   */
  public long pauseMs(int failures, double random) {
    int doublings = Math.min(Math.max(failures, 1) - 1, 30);
    long full = Math.min(maxMs, firstMs << doublings);
    return full - (long) (random * full / 2);
  }
}
