package io.highwater.replication.core;

/** When brokers were last heard of: by any word on their stream, whatever it was about. */
@FunctionalInterface
public interface Hearing {
  /** Stands for never. */
  long NEVER = Long.MIN_VALUE;

  /** Nobody was ever heard of. */
  Hearing NOTHING = broker -> NEVER;

  /**
   * When a broker was last heard of, on the clock of the events, or {@link #NEVER}.
   *
   * @param brokerId which
   */
  long lastHeardMs(int brokerId);
}
