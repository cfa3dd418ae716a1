package io.highwater.replication.control.session;

/** A broker's answer to probes. On the owner loop. */
@FunctionalInterface
public interface ProbeResponder {
  /** The epoch that this broker of that cluster lives in, or -1 when it is not that broker. */
  long brokerEpoch(String clusterId, int brokerId);
}
