package io.highwater.server.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * A host and a port as they were configured; no name is looked up here.
 *
 * @param host name or address, IPv6 without brackets
 * @param port 0 means "any free port"
 */
public record HostPort(String host, int port) {
  private static final int MAX_PORT = 65_535;
  private static final String ZERO = "0(?:[xX]0)?0*";

  /** All ways to write 0.0.0.0 that the system's resolver takes. */
  private static final Pattern IPV4_WILDCARD = Pattern.compile(ZERO + "(?:\\." + ZERO + "){0,3}");

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
    return host.indexOf(':') < 0
        ? IPV4_WILDCARD.matcher(host).matches()
        : isIpv6Wildcard(host.replaceFirst("%.*", ""));
  }

  private static boolean isIpv6Wildcard(String literal) {
    try {
      return InetAddress.getByName(literal).isAnyLocalAddress(); // With a colon it is no name.
    } catch (UnknownHostException e) {
      return false;
    }
  }

  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
