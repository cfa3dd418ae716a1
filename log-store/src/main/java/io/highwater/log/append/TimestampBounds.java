package io.highwater.log.append;

/**
 * How far a client's timestamps may be from the broker's clock (KIP-937, RET-2).
 *
 * @param beforeMaxMs into the past ({@code message.timestamp.before.max.ms})
 * @param afterMaxMs into the future ({@code message.timestamp.after.max.ms})
 */
public record TimestampBounds(long beforeMaxMs, long afterMaxMs) {
  /** Kafka's defaults: any past, an hour of future. */
  public static final TimestampBounds DEFAULT = new TimestampBounds(Long.MAX_VALUE, 3_600_000L);

  public TimestampBounds {
    if (beforeMaxMs < 0 || afterMaxMs < 0) {
      throw new IllegalArgumentException("bounds of " + beforeMaxMs + " and " + afterMaxMs + " ms");
    }
  }

  /** Whether a timestamp, not negative, is near enough to the clock. */
  public boolean allow(long timestampMs, long nowMs) {
    return timestampMs - nowMs <= afterMaxMs && nowMs - timestampMs <= beforeMaxMs;
  }
}
