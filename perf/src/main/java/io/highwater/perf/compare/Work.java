package io.highwater.perf.compare;

import io.highwater.perf.system.Purpose;

/** What a round of a scenario does, always on a system that was started for it with empty data. */
public enum Work {
  /** Sends, then reads everything back and compares it. */
  PRODUCE(Purpose.THROUGHPUT),
  /** Sends to what keeps nothing. */
  SEND(Purpose.THROUGHPUT),
  /** Reads what was written before and lies in the page cache, pass after pass. */
  CONSUME(Purpose.THROUGHPUT),
  /** Starts a broker that has a topic, with a warm client waiting for it. */
  FIRST_ACK(Purpose.START_UP),
  /** Looks at a broker's memory once it serves. */
  MEMORY(Purpose.START_UP),
  /** Kills a broker that has much log and starts it again, with a warm client waiting for it. */
  RESTART(Purpose.THROUGHPUT),
  /** Kills the broker that leads, under a warm client; the active controller survives. */
  FAILOVER(Purpose.THROUGHPUT),
  /** Kills the broker that both leads and is the active controller, under a warm client. */
  CONTROLLER_FAILOVER(Purpose.THROUGHPUT);

  private final Purpose purpose;

  Work(Purpose purpose) {
    this.purpose = purpose;
  }

  /** What the system is started for. */
  public Purpose purpose() {
    return purpose;
  }
}
