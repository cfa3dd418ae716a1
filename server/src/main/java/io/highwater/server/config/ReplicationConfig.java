package io.highwater.server.config;

import java.util.List;

/**
 * Replica streams and the broker's session with the controller.
 *
 * @param lagTimeMaxMs a follower that has not caught up for this long leaves the in-sync set
 * @param heartbeatIntervalMs between two heartbeats to the active controller
 * @param sessionTimeoutMs after which a silent broker counts as dead, for the controller and for
 *     leaders that it follows
 * @param produceLatencyMaxMs how long acknowledgements may take before replicas that a reassignment
 *     adds have to wait; 0: for ever
 * @param controlledShutdown whether a stopping broker hands its leaderships over first
 */
public record ReplicationConfig(
    long lagTimeMaxMs,
    long heartbeatIntervalMs,
    long sessionTimeoutMs,
    long produceLatencyMaxMs,
    boolean controlledShutdown) {
  static final ConfigKey<Long> LAG_TIME_MAX_MS =
      ConfigKey.ofLong(
          "replica.lag.time.max.ms",
          10_000,
          100,
          3_600_000,
          "a follower behind for this long leaves the in-sync replicas");
  static final ConfigKey<Long> HEARTBEAT_INTERVAL_MS =
      ConfigKey.ofLong(
          "broker.heartbeat.interval.ms", 200, 10, 60_000, "between heartbeats to the controller");
  static final ConfigKey<Long> SESSION_TIMEOUT_MS =
      ConfigKey.ofLong(
          "broker.session.timeout.ms",
          2000,
          100,
          600_000,
          "a broker silent for this long is dead, to its controller and to leaders it follows");
  static final ConfigKey<Long> PRODUCE_LATENCY_MAX_MS =
      ConfigKey.ofLong(
          "reassignment.produce.latency.max.ms",
          200,
          0,
          3_600_000,
          "replicas being added wait while acknowledgements take longer than this; 0: never");
  static final ConfigKey<Boolean> CONTROLLED_SHUTDOWN =
      ConfigKey.ofBoolean(
          "controlled.shutdown.enable", true, "hand leaderships over before stopping");

  /** This component's keys. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(
          LAG_TIME_MAX_MS,
          HEARTBEAT_INTERVAL_MS,
          SESSION_TIMEOUT_MS,
          PRODUCE_LATENCY_MAX_MS,
          CONTROLLED_SHUTDOWN);

  /** Checks that a session outlives a few heartbeats. */
  public ReplicationConfig {
    if (sessionTimeoutMs < 2 * heartbeatIntervalMs) {
      throw SESSION_TIMEOUT_MS.invalid(
          sessionTimeoutMs,
          "must be at least twice " + HEARTBEAT_INTERVAL_MS.name() + "=" + heartbeatIntervalMs);
    }
  }

  /** Reads this component's keys. */
  public static ReplicationConfig from(ConfigValues values) {
    return new ReplicationConfig(
        values.get(LAG_TIME_MAX_MS),
        values.get(HEARTBEAT_INTERVAL_MS),
        values.get(SESSION_TIMEOUT_MS),
        values.get(PRODUCE_LATENCY_MAX_MS),
        values.get(CONTROLLED_SHUTDOWN));
  }
}
