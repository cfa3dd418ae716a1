package io.highwater.replication.control.session;

/**
 * Times of sessions, the same on all brokers.
 *
 * @param heartbeatIntervalMs {@code broker.heartbeat.interval.ms}
 * @param sessionTimeoutMs {@code broker.session.timeout.ms}: silence after which a broker is fenced
 * @param probeTimeoutMs how long a suspected broker has to answer
 * @param longestGraceMs how long unclean replicas have to report before the longest log among those
 *     that did is elected (ISR-4)
 * @param stopTimeoutMs how long a stopping broker waits to be rid of its leaderships
 */
public record SessionConfig(
    long heartbeatIntervalMs,
    long sessionTimeoutMs,
    long probeTimeoutMs,
    long longestGraceMs,
    long stopTimeoutMs) {

  /** What a broker uses unless it is configured otherwise. */
  public static final SessionConfig DEFAULT = new SessionConfig(200, 2_000, 500, 10_000, 5_000);

  public SessionConfig {
    positive("broker.heartbeat.interval.ms", heartbeatIntervalMs);
    positive("probe timeout", probeTimeoutMs);
    positive("grace for unclean replicas", longestGraceMs);
    positive("stop timeout", stopTimeoutMs);
    if (sessionTimeoutMs < 2 * heartbeatIntervalMs) {
      throw new IllegalArgumentException(
          "broker.session.timeout.ms ("
              + sessionTimeoutMs
              + ") must be at least twice broker.heartbeat.interval.ms ("
              + heartbeatIntervalMs
              + ")");
    }
  }

  private static void positive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be positive, not " + value);
    }
  }
}
