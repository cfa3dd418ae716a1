package io.highwater.client.cli;

import java.util.OptionalLong;

/**
 * How long a partition took no writes around a kill: the longest time between two acknowledgements
 * of which the second came after the kill. Acknowledgements that were under way when the leader
 * died count as before it in effect, which is why the first one after the kill alone would say too
 * little. Methods may be called from any thread.
 */
final class LeaderGap {
  private static final long NONE = Long.MIN_VALUE;

  private long lastNanos = NONE;
  private long killedNanos = NONE;
  private long longestNanos = NONE;

  /** Notes an acknowledgement by the partition's leader. */
  synchronized void acknowledged(long nowNanos) {
    if (killedNanos != NONE) {
      long sinceNanos = lastNanos == NONE ? killedNanos : lastNanos;
      longestNanos = Math.max(longestNanos, nowNanos - sinceNanos);
    }
    lastNanos = nowNanos;
  }

  /** Notes that the leader is killed now. */
  synchronized void killed(long nowNanos) {
    killedNanos = nowNanos;
  }

  /** The gap, unless nothing was acknowledged after the kill. */
  synchronized OptionalLong longestNanos() {
    return longestNanos == NONE ? OptionalLong.empty() : OptionalLong.of(longestNanos);
  }
}
