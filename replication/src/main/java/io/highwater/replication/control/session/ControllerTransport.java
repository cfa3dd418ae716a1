package io.highwater.replication.control.session;

import io.highwater.replication.control.Endpoint;

/** Carries sessions and probes. On the owner loop. */
public interface ControllerTransport {
  /**
   * Opens a session's stream. Returns at once and never fails: a stream that cannot be opened
   * closes.
   *
   * @param controller where the active controller listens for brokers
   * @param listener hears the controller until it closes
   */
  SessionLink<Heartbeat> open(Endpoint controller, SessionLinkListener<HeartbeatReply> listener);

  /**
   * Asks a broker whether it is alive, over a connection of its own.
   *
   * @param broker where it listens for brokers
   * @param timeoutMs when to call it silence
   */
  void probe(
      Endpoint broker, String clusterId, int brokerId, long timeoutMs, ProbeListener listener);
}
