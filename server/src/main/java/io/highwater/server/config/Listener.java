package io.highwater.server.config;

/** The broker's four listeners. */
public enum Listener {
  /** Produce, fetch, publish, subscribe, metadata: for clients. */
  CLIENTS(7450),
  /** Replica streams and broker sessions: between brokers. */
  BROKERS(7451),
  /** The metadata log's quorum (Ratis). */
  CONTROLLER(7452),
  /** Health, reflection and channelz: for operators. */
  ADMIN(7453);

  private final int defaultPort;

  Listener(int defaultPort) {
    this.defaultPort = defaultPort;
  }

  /** The port used when no listener is configured at all. */
  public int defaultPort() {
    return defaultPort;
  }
}
