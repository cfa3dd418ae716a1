package io.highwater.replication.transport;

/** Opens streams to leaders. On the owner loop. */
public interface ReplicaTransport {
  /**
   * Opens a stream. Returns at once and never fails: a stream that cannot be opened closes.
   *
   * @param leader where the leader broker listens
   * @param hello sent before anything else
   * @param listener hears the leader until {@link LeaderLinkListener#onClosed}
   * @return the follower's end; what is sent before the leader's hello is kept in order
   */
  LeaderLink open(BrokerEndpoint leader, Hello hello, LeaderLinkListener listener);
}
