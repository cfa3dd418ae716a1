package io.highwater.log.compact;

/**
 * How one log is compacted.
 *
 * @param enabled whether {@code cleanup.policy} names {@code compact}
 * @param minDirtyRatio the part of the log, in bytes and from 0 to 1, that was not cleaned yet,
 *     from which on cleaning is worth while ({@code min.cleanable.dirty.ratio})
 * @param minLagMs records younger than this stay as they are ({@code min.compaction.lag.ms})
 * @param maxLagMs records older than this are cleaned whatever the ratio ({@code
 *     max.compaction.lag.ms})
 * @param deleteRetentionMs tombstones and transaction markers stay at least this long after the
 *     cleaning that left nothing older of theirs ({@code delete.retention.ms})
 */
public record CompactionConfig(
    boolean enabled, double minDirtyRatio, long minLagMs, long maxLagMs, long deleteRetentionMs) {
  /** Kafka's defaults, not enabled. */
  public static final CompactionConfig DISABLED =
      new CompactionConfig(false, 0.5, 0, Long.MAX_VALUE, 86_400_000L);

  public CompactionConfig {
    if (!(minDirtyRatio >= 0 && minDirtyRatio <= 1)) {
      throw new IllegalArgumentException("minDirtyRatio is " + minDirtyRatio);
    }
    if (minLagMs < 0 || maxLagMs < 1 || maxLagMs < minLagMs || deleteRetentionMs < 0) {
      throw new IllegalArgumentException(
          "lag from " + minLagMs + " to " + maxLagMs + " ms, tombstones " + deleteRetentionMs);
    }
  }

  /** The defaults, enabled. */
  public static CompactionConfig enabledByDefault() {
    return new CompactionConfig(
        true,
        DISABLED.minDirtyRatio,
        DISABLED.minLagMs,
        DISABLED.maxLagMs,
        DISABLED.deleteRetentionMs);
  }
}
