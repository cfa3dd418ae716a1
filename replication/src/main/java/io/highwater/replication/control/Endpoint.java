package io.highwater.replication.control;

import java.util.Objects;

/**
 * Where a listener can be reached.
 *
 * @param host name or address, never empty
 * @param port 1 to 65535
 */
public record Endpoint(String host, int port) {
  public Endpoint {
    Objects.requireNonNull(host, "host");
    if (host.isEmpty() || port < 1 || port > 65_535) {
      throw new IllegalArgumentException("not an endpoint: '" + host + "':" + port);
    }
  }

  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
