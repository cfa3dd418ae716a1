package io.highwater.replication.control.session;

import io.highwater.proto.ErrorCode;

/** Hears how a broker stands with the cluster. On the owner loop. */
public interface BrokerSessionListener {
  /** The broker lives in this epoch from now on; again after it was fenced. */
  void onRegistered(long brokerEpoch);

  /**
   * The cluster will not have this process: it is a double, or its registration is refused for
   * good. The session is over and the process should stop.
   */
  void onRefused(ErrorCode error, String text);
}
