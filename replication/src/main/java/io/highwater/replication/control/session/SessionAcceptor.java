package io.highwater.replication.control.session;

/** The controller's door: takes sessions of brokers. On the owner loop. */
@FunctionalInterface
public interface SessionAcceptor {
  /**
   * Takes a new stream.
   *
   * @param link the controller's end
   * @return hears the broker from now on
   */
  SessionLinkListener<Heartbeat> accept(SessionLink<HeartbeatReply> link);
}
