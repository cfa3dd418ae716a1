package io.highwater.replication.control.session;

import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.LastRun;
import io.highwater.replication.control.LevelRange;
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
 * @param lastRun how the process before it ended
 * @param endpoints addresses that others reach it by
 * @param version of the software
 * @param rack where it stands; empty: unknown
 * @param features levels that it speaks, by feature
 */
public record BrokerIdentity(
    String clusterId,
    int brokerId,
    UUID incarnation,
    UUID directoryId,
    LastRun lastRun,
    Map<ListenerName, Endpoint> endpoints,
    String version,
    String rack,
    Map<String, LevelRange> features) {
  public BrokerIdentity {
    Objects.requireNonNull(clusterId, "clusterId");
    Objects.requireNonNull(incarnation, "incarnation");
    Objects.requireNonNull(directoryId, "directoryId");
    Objects.requireNonNull(lastRun, "lastRun");
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(rack, "rack");
    endpoints = Map.copyOf(endpoints);
    features = Map.copyOf(features);
  }
}
