package io.highwater.replication.control.session;

import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.ListenerName;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * What a broker's process registers with.
 *
 * @param clusterId the cluster it belongs to
 * @param brokerId its node id
 * @param incarnation this start of the process
 * @param directoryId its data directory
 * @param previousBrokerEpoch epoch in the clean-shutdown marker, -1 after an unclean stop
 * @param endpoints addresses that others reach it by
 * @param version of the software
 */
public record BrokerIdentity(
    String clusterId,
    int brokerId,
    UUID incarnation,
    UUID directoryId,
    long previousBrokerEpoch,
    Map<ListenerName, Endpoint> endpoints,
    String version) {
  public BrokerIdentity {
    Objects.requireNonNull(clusterId, "clusterId");
    Objects.requireNonNull(incarnation, "incarnation");
    Objects.requireNonNull(directoryId, "directoryId");
    Objects.requireNonNull(version, "version");
    endpoints = Map.copyOf(endpoints);
  }
}
