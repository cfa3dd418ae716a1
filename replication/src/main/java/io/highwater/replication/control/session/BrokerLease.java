package io.highwater.replication.control.session;

/** What the active controller holds for one registration of a broker. On the owner loop. */
final class BrokerLease {
  final int brokerId;
  final long brokerEpoch;

  /** Monotonic; compare by subtraction. */
  long deadlineNanos;

  /** The session's stream, or null while there is none. */
  SessionLink<HeartbeatReply> link;

  boolean fencing;
  boolean stopRequested;

  BrokerLease(int brokerId, long brokerEpoch, long deadlineNanos) {
    this.brokerId = brokerId;
    this.brokerEpoch = brokerEpoch;
    this.deadlineNanos = deadlineNanos;
  }

  boolean isOver(long nowNanos) {
    return nowNanos - deadlineNanos >= 0;
  }
}
