package io.highwater.client;

import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A registered broker.
 *
 * @param nodeId its number
 * @param address where it listens for clients
 * @param brokerEpoch of its current registration
 * @param fenced whether it is out of service: it leads nothing and serves nothing
 * @param version of the software that it runs; empty when unknown
 * @param rack where it stands; empty when it names none
 * @param draining whether it is given no replicas and no leaderships
 * @param features what it speaks, by feature
 */
public record BrokerDescription(
    int nodeId,
    BrokerAddress address,
    long brokerEpoch,
    boolean fenced,
    String version,
    String rack,
    boolean draining,
    SortedMap<String, SupportedLevels> features) {
  public BrokerDescription {
    Objects.requireNonNull(address, "address");
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(rack, "rack");
    features = Collections.unmodifiableSortedMap(new TreeMap<>(features));
  }

  /** In no rack; what it speaks is not known. */
  public BrokerDescription(
      int nodeId, BrokerAddress address, long brokerEpoch, boolean fenced, String version) {
    this(nodeId, address, brokerEpoch, fenced, version, "", false, Collections.emptySortedMap());
  }
}
