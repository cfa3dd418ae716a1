package io.highwater.perf.system;

/** How many brokers a system is run with. */
public enum Topology {
  /** In the client's process, on files of its own. */
  EMBEDDED(0),
  /** One broker, which is its own controller. */
  ONE_BROKER(1),
  /** Three brokers, all of them controllers. */
  THREE_BROKERS(3);

  private final int brokers;

  Topology(int brokers) {
    this.brokers = brokers;
  }

  /** Broker processes. */
  public int brokers() {
    return brokers;
  }
}
