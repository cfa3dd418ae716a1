package io.highwater.client;

import java.util.List;
import java.util.Objects;

/**
 * How a client reaches its cluster.
 *
 * @param bootstrap addresses to begin with, at least one; the other brokers are discovered
 * @param requestTimeoutMs how long one unary call may take before another broker is asked
 * @param apiTimeoutMs how long one call of the public API may take, retries included
 * @param metadataMaxAgeMs how old a client's picture of its topics becomes before it looks again,
 *     also when nothing seems out of date ({@code metadata.max.age.ms})
 * @param waitsForBrokers whether a call waits for a broker to come up, as long as it may take, when
 *     none can be reached; else it fails after a few tries, within a second or two
 */
public record ConnectionConfig(
    List<BrokerAddress> bootstrap,
    long requestTimeoutMs,
    long apiTimeoutMs,
    long metadataMaxAgeMs,
    boolean waitsForBrokers) {
  /** Where a broker without options listens. */
  public static final String DEFAULT_BOOTSTRAP = "127.0.0.1:" + BrokerAddress.DEFAULT_PORT;

  /** Default of {@link #requestTimeoutMs}. */
  public static final long DEFAULT_REQUEST_TIMEOUT_MS = 2_000;

  /** Default of {@link #apiTimeoutMs}. */
  public static final long DEFAULT_API_TIMEOUT_MS = 15_000;

  /** Default of {@link #metadataMaxAgeMs}: five minutes. */
  public static final long DEFAULT_METADATA_MAX_AGE_MS = 300_000;

  /** The longest timeout there is, about 24 days: sums of times stay far from overflow. */
  public static final long MAX_TIMEOUT_MS = Integer.MAX_VALUE;

  public ConnectionConfig {
    bootstrap = List.copyOf(bootstrap);
    if (bootstrap.isEmpty()) {
      throw new IllegalArgumentException("bootstrap names no broker");
    }
    if (requestTimeoutMs <= 0 || apiTimeoutMs < requestTimeoutMs) {
      throw new IllegalArgumentException(
          "requestTimeoutMs " + requestTimeoutMs + " not in 1 to apiTimeoutMs " + apiTimeoutMs);
    }
    if (apiTimeoutMs > MAX_TIMEOUT_MS) {
      throw new IllegalArgumentException(
          "apiTimeoutMs " + apiTimeoutMs + " is above " + MAX_TIMEOUT_MS);
    }
    if (metadataMaxAgeMs < 1 || metadataMaxAgeMs > MAX_TIMEOUT_MS) {
      throw new IllegalArgumentException(
          "metadataMaxAgeMs " + metadataMaxAgeMs + " not in 1 to " + MAX_TIMEOUT_MS);
    }
  }

  /** With the default age of metadata; waits for brokers. */
  public ConnectionConfig(List<BrokerAddress> bootstrap, long requestTimeoutMs, long apiTimeoutMs) {
    this(bootstrap, requestTimeoutMs, apiTimeoutMs, DEFAULT_METADATA_MAX_AGE_MS);
  }

  /** Waits for brokers. */
  public ConnectionConfig(
      List<BrokerAddress> bootstrap,
      long requestTimeoutMs,
      long apiTimeoutMs,
      long metadataMaxAgeMs) {
    this(bootstrap, requestTimeoutMs, apiTimeoutMs, metadataMaxAgeMs, true);
  }

  /** A copy with another age of metadata. */
  public ConnectionConfig withMetadataMaxAgeMs(long ms) {
    return new ConnectionConfig(bootstrap, requestTimeoutMs, apiTimeoutMs, ms, waitsForBrokers);
  }

  /** A copy that waits for brokers or does not. */
  public ConnectionConfig withWaitsForBrokers(boolean waits) {
    return new ConnectionConfig(bootstrap, requestTimeoutMs, apiTimeoutMs, metadataMaxAgeMs, waits);
  }

  /**
   * The defaults, for a list of addresses.
   *
   * @param bootstrap {@code host:port[,…]}
   * @throws IllegalArgumentException when the list is malformed
   */
  public static ConnectionConfig of(String bootstrap) {
    Objects.requireNonNull(bootstrap, "bootstrap");
    return new ConnectionConfig(
        BrokerAddress.parseList(bootstrap), DEFAULT_REQUEST_TIMEOUT_MS, DEFAULT_API_TIMEOUT_MS);
  }
}
