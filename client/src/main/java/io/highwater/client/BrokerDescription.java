package io.highwater.client;

import java.util.Objects;

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
 */
public record BrokerDescription(
    int nodeId,
    BrokerAddress address,
    long brokerEpoch,
    boolean fenced,
    String version,
    String rack,
    boolean draining) {
  public BrokerDescription {
    Objects.requireNonNull(address, "address");
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(rack, "rack");
  }

  /** In no rack. */
  public BrokerDescription(
      int nodeId, BrokerAddress address, long brokerEpoch, boolean fenced, String version) {
    this(nodeId, address, brokerEpoch, fenced, version, "", false);
  }
}
