package io.highwater.replication.control.session;

import java.util.Objects;

/**
 * A broker's sign of life.
 *
 * @param clusterId the cluster that the broker belongs to
 * @param brokerId who it is
 * @param brokerEpoch its registration
 * @param wantsToStop it asks to be rid of its leaderships
 */
public record Heartbeat(String clusterId, int brokerId, long brokerEpoch, boolean wantsToStop) {
  public Heartbeat {
    Objects.requireNonNull(clusterId, "clusterId");
  }
}
