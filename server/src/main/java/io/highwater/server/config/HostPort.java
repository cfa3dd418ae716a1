package io.highwater.server.config;

import java.util.Map;

/**
 * A host and a port as they were configured; no name is looked up here.
 *
 * @param host name or address, IPv6 without brackets
 * @param port 0 means "any free port"
 */
public record HostPort(String host, int port) {
  private static final int MAX_PORT = 65_535;
  private static final Map<String, String> WILDCARDS = Map.of("0.0.0.0", "", "::", "");

  /** Checks the bounds. */
  public HostPort {
    if (host.isEmpty()) {
      throw new IllegalArgumentException("host is missing");
    }
    if (port < 0 || port > MAX_PORT) {
      throw new IllegalArgumentException("port must be from 0 to " + MAX_PORT);
    }
  }

  /**
   * Parses {@code HOST:PORT} or {@code [IPV6]:PORT}.
   *
   * @throws IllegalArgumentException saying what is wanted
   */
  public static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= 0) {
      throw new IllegalArgumentException("'" + text + "' must be HOST:PORT");
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw new IllegalArgumentException("'" + text + "': an IPv6 address needs brackets");
    }
    int port;
    try {
      port = Integer.parseInt(text.substring(colon + 1));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' must be HOST:PORT", e);
    }
    return new HostPort(host, port);
  }

  /** The same host with another port. */
  public HostPort withPort(int otherPort) {
    return new HostPort(host, otherPort);
  }

  /** Whether the host means "all interfaces", which nobody can connect to. */
  public boolean isWildcard() {
    return WILDCARDS.containsKey(host);
  }

  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
