package io.highwater.client;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** When brokers may be connected to again whose streams broke. Pure; for one thread. */
public final class Reconnects {
  private final Backoff backoff;
  private final Map<Integer, Reconnect> reconnects = new HashMap<>();

  private record Reconnect(int failures, long atNanos) {}

  /**
   * @param backoff between one that broke and the next
   */
  public Reconnects(Backoff backoff) {
    this.backoff = backoff;
  }

  /** A stream to a broker broke, or could not be opened. */
  public void broke(int nodeId, long nowNanos, double random) {
    Reconnect before = reconnects.get(nodeId);
    int failures = before == null ? 1 : before.failures() + 1;
    long delayNanos = TimeUnit.MILLISECONDS.toNanos(backoff.delayMs(failures, random));
    reconnects.put(nodeId, new Reconnect(failures, nowNanos + delayNanos));
  }

  /** A broker answered. */
  public void answered(int nodeId) {
    reconnects.remove(nodeId);
  }

  /** Whether a broker may be connected to now. */
  public boolean mayConnect(int nodeId, long nowNanos) {
    Reconnect reconnect = reconnects.get(nodeId);
    return reconnect == null || nowNanos - reconnect.atNanos() >= 0;
  }
}
