package io.highwater.client;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Where a broker listens for clients.
 *
 * @param host a name (letters, digits, hyphens, dots) or an IP address, without brackets
 * @param port 1 to 65535
 */
public record BrokerAddress(String host, int port) {
  /** The client listener's port when none is given. */
  public static final int DEFAULT_PORT = 7450;

  public BrokerAddress {
    Objects.requireNonNull(host, "host");
    if (host.isBlank()) {
      throw new IllegalArgumentException("the broker's host is empty");
    }
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port " + port + " of " + host + " is not 1 to 65535");
    }
    if (!isHost(host)) {
      throw new IllegalArgumentException("'" + host + "' is neither a host name nor an IP address");
    }
  }

  /** Whether a broker can be connected to there, as far as the text tells. */
  public static boolean isValid(String host, int port) {
    return !host.isBlank() && port >= 1 && port <= 65535 && isHost(host);
  }

  /** By the rules of URIs: what breaks them, such as an underscore, gRPC takes for no authority. */
  private static boolean isHost(String host) {
    try {
      return new URI(null, null, host, DEFAULT_PORT, null, null, null).getHost() != null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /**
   * Reads {@code host}, {@code host:port} or {@code [ipv6]:port}. IPv6 without brackets is taken
   * only where its end cannot be meant as a port.
   *
   * @throws IllegalArgumentException naming the text, when it is none of these
   */
  public static BrokerAddress parse(String text) {
    String trimmed = text.trim();
    int colon = trimmed.lastIndexOf(':');
    boolean bracketed = trimmed.startsWith("[");
    int bracket = trimmed.indexOf(']');
    if (bracketed && bracket < 0) {
      throw new IllegalArgumentException("'" + text + "' is not host:port: no closing bracket");
    }
    boolean bareIpv6 = !bracketed && colon != trimmed.indexOf(':');
    if (bareIpv6 && isHost(trimmed.substring(0, colon))) {
      // Both an address as it stands and one with a port behind it.
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is not host:port: an IPv6 address with a port needs brackets, as ["
              + trimmed.substring(0, colon)
              + "]"
              + trimmed.substring(colon));
    }
    if (bareIpv6 || colon < 0 || (bracketed && colon < bracket)) {
      return new BrokerAddress(unbracketed(trimmed), DEFAULT_PORT);
    }
    try {
      int port = Integer.parseInt(trimmed.substring(colon + 1));
      return new BrokerAddress(unbracketed(trimmed.substring(0, colon)), port);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is not host:port: no port number", e);
    }
  }

  /**
   * Reads a comma-separated list of addresses.
   *
   * @return at least one address, in the order given
   * @throws IllegalArgumentException when one is malformed or there is none
   */
  public static List<BrokerAddress> parseList(String text) {
    List<BrokerAddress> addresses = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      if (!part.isBlank()) {
        addresses.add(parse(part));
      }
    }
    if (addresses.isEmpty()) {
      throw new IllegalArgumentException("'" + text + "' names no broker address");
    }
    return List.copyOf(addresses);
  }

  private static String unbracketed(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  /** {@code host:port}, as {@link #parse} reads it. */
  @Override
  public String toString() {
    return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
  }
}
