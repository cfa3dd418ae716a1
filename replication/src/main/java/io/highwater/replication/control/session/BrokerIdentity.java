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
 * @param rack where it stands; empty: unknown
 * @param killedBrokerEpoch under which the process before was registered if that was only killed,
 *     and all that it wrote is there (REC-8); -1 where that may be otherwise
 */
public record BrokerIdentity(
    String clusterId,
    int brokerId,
    UUID incarnation,
    UUID directoryId,
    long previousBrokerEpoch,
    Map<ListenerName, Endpoint> endpoints,
    String version,
    String rack,
    long killedBrokerEpoch) {
  public BrokerIdentity {
    Objects.requireNonNull(clusterId, "clusterId");
    Objects.requireNonNull(incarnation, "incarnation");
    Objects.requireNonNull(directoryId, "directoryId");
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(rack, "rack");
    endpoints = Map.copyOf(endpoints);
  }

  /** Without a rack, and of no process that was killed. */
  public BrokerIdentity(
      String clusterId,
      int brokerId,
      UUID incarnation,
      UUID directoryId,
      long previousBrokerEpoch,
      Map<ListenerName, Endpoint> endpoints,
      String version) {
    this(
        clusterId,
        brokerId,
        incarnation,
        directoryId,
        previousBrokerEpoch,
        endpoints,
        version,
        "",
        -1);
  }
}
