package io.highwater.replication.control.session;

/** What the active controller holds for one registration of a broker. On the owner loop. */
final class BrokerLease {
  final int brokerId;
  final long brokerEpoch;

  /** Monotonic; compare by subtraction. */
  long deadlineNanos;

  /** When its session was last heard, or the lease began; monotonic. */
  long heardNanos;

  /** Index of its newest sign of life through the metadata log that was seen. */
  long lifeIndex;

  /** It said so that it does not hear this controller, and its session was not heard since. */
  boolean unheard;

  /** The session's stream, or null while there is none. */
  SessionLink<HeartbeatReply> link;

  boolean fencing;
  boolean stopRequested;

  /**
   * @param lifeIndex what it said before counts no more
   */
  BrokerLease(int brokerId, long brokerEpoch, long lifeIndex, long nowNanos) {
    this.brokerId = brokerId;
    this.brokerEpoch = brokerEpoch;
    this.lifeIndex = lifeIndex;
    this.heardNanos = nowNanos;
  }

  boolean isOver(long nowNanos) {
    return nowNanos - deadlineNanos >= 0;
  }
}
