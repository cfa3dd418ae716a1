package io.highwater.replication;

import io.highwater.log.space.SpaceLimits;
import io.highwater.replication.core.LeaderState;
import io.highwater.replication.follower.ReconnectBackoff;
import java.util.Objects;
import java.util.UUID;

/**
 * Settings of a broker's replicas.
 *
 * @param brokerId this broker
 * @param incarnation this start of its process, as registered
 * @param patience when a follower leaves the in-sync set
 * @param tickMs how often lagging followers and open proposals are looked at, and leaders are shown
 *     that this broker lives; a small part of the silence after which it would count as dead
 * @param refusedPauseMs pause before a follower asks a leader again that refused it
 * @param reconnect pauses between attempts to reach a leader
 * @param frameBytes records pushed in one frame, at least one batch
 * @param creditBytes records that a leader may push before the follower took them in, per stream
 * @param highWatermarkDelayMs how long a new high watermark waits for records to travel with
 * @param checkpointIntervalMs between two checkpoints of the high watermarks ({@code
 *     replica.high.watermark.checkpoint.interval.ms})
 * @param retentionCheckMs between two looks at what is old enough to go ({@code
 *     log.retention.check.interval.ms})
 * @param space what log directories leave free, or null for what suits their disks
 * @param produceLatencyMaxMs how long acknowledgements may take while replicas are added, before
 *     these have to wait; 0: for ever
 */
public record ReplicasConfig(
    int brokerId,
    UUID incarnation,
    LeaderState.Patience patience,
    long tickMs,
    long refusedPauseMs,
    ReconnectBackoff reconnect,
    int frameBytes,
    long creditBytes,
    long highWatermarkDelayMs,
    long checkpointIntervalMs,
    long retentionCheckMs,
    SpaceLimits space,
    long produceLatencyMaxMs) {
  public ReplicasConfig {
    Objects.requireNonNull(incarnation, "incarnation");
    if (frameBytes < 1 || creditBytes < frameBytes) {
      throw new IllegalArgumentException(
          "creditBytes " + creditBytes + " must cover a frame of " + frameBytes + " bytes");
    }
  }

  /**
   * Kafka's defaults where it has the setting, with frames of 1 MiB.
   *
   * @param lagTimeMaxMs {@code replica.lag.time.max.ms}
   * @param sessionTimeoutMs {@code broker.session.timeout.ms}
   */
  public static ReplicasConfig defaults(
      int brokerId, UUID incarnation, long lagTimeMaxMs, long sessionTimeoutMs) {
    return new ReplicasConfig(
        brokerId,
        incarnation,
        new LeaderState.Patience(lagTimeMaxMs, sessionTimeoutMs, 250),
        Math.max(1, Math.min(250, Math.min(lagTimeMaxMs / 4, sessionTimeoutMs / 8))),
        20,
        new ReconnectBackoff(20, 1_000),
        1 << 20,
        8L << 20,
        5,
        5_000,
        300_000,
        null,
        0);
  }

  /** A copy with other settings of the logs' maintenance and of catching up. */
  public ReplicasConfig with(long checkMs, SpaceLimits limits, long latencyMaxMs) {
    return new ReplicasConfig(
        brokerId,
        incarnation,
        patience,
        tickMs,
        refusedPauseMs,
        reconnect,
        frameBytes,
        creditBytes,
        highWatermarkDelayMs,
        checkpointIntervalMs,
        checkMs,
        limits,
        latencyMaxMs);
  }
}
