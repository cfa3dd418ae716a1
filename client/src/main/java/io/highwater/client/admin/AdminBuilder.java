package io.highwater.client.admin;

import io.highwater.client.BrokerAddress;
import io.highwater.client.ConnectionConfig;

/** Settings of an {@link Admin}, checked by {@link #build()}. */
public final class AdminBuilder {
  private String bootstrap = ConnectionConfig.DEFAULT_BOOTSTRAP;
  private boolean waitForBrokers = true;
  private long requestTimeoutMs = ConnectionConfig.DEFAULT_REQUEST_TIMEOUT_MS;
  private long apiTimeoutMs = ConnectionConfig.DEFAULT_API_TIMEOUT_MS;

  AdminBuilder() {}

  /** Brokers to begin with, {@code host:port[,…]}; by default 127.0.0.1:7450. */
  public AdminBuilder bootstrap(String addresses) {
    this.bootstrap = addresses;
    return this;
  }

  /** How long one broker may take to answer before another is asked; by default 2,000. */
  public AdminBuilder requestTimeoutMs(long requestTimeoutMs) {
    this.requestTimeoutMs = requestTimeoutMs;
    return this;
  }

  /** How long one call may take, retries included; by default 15,000. */
  public AdminBuilder apiTimeoutMs(long apiTimeoutMs) {
    this.apiTimeoutMs = apiTimeoutMs;
    return this;
  }

  /**
   * Whether calls wait for a broker to come up, as long as they may take, when none can be reached;
   * by default true. Else they fail with BROKER_NOT_AVAILABLE within a second or two.
   */
  public AdminBuilder waitForBrokers(boolean waitForBrokers) {
    this.waitForBrokers = waitForBrokers;
    return this;
  }

  /**
   * The admin client. It connects when first used.
   *
   * @throws IllegalArgumentException naming the setting that makes no sense
   */
  public Admin build() {
    return Admin.open(
        new ConnectionConfig(BrokerAddress.parseList(bootstrap), requestTimeoutMs, apiTimeoutMs)
            .withWaitsForBrokers(waitForBrokers));
  }
}
