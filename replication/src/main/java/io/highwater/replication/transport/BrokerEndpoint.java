package io.highwater.replication.transport;

import java.util.Objects;

/** Where a broker listens for other brokers. */
public record BrokerEndpoint(int brokerId, String host, int port) {
  public BrokerEndpoint {
    Objects.requireNonNull(host, "host");
  }
}
