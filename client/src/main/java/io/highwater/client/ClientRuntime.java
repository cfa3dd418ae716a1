package io.highwater.client;

import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/** What a client gets from outside: its loop, time, randomness and connections. */
public interface ClientRuntime extends AutoCloseable {
  /** How long a client's last task may take. */
  long CLOSE_TIMEOUT_MS = 5_000;

  /** The client's thread. */
  ClientLoop loop();

  /** Wall clock, ms: for records' timestamps only. */
  EpochClock epochClock();

  /** Monotonic clock, ns: for timeouts. */
  NanoClock nanoClock();

  /** Evenly spread over [0, 1). From any thread. */
  double random();

  /** A new connection to a broker; it is made when first used. Called on the loop. */
  BrokerChannel connect(BrokerAddress address);

  /**
   * Lets go of a client's connections, then of the loop. A caller that was interrupted before stays
   * so, and all the same nothing is left behind.
   *
   * @param task the client's last one, run on the loop
   */
  default void closeAfter(Runnable task) {
    boolean interrupted = Thread.interrupted();
    try {
      LoopCall.run(loop(), CLOSE_TIMEOUT_MS, "closing", task);
    } finally {
      close();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Ends the loop, once, from any other thread; tasks that wait are dropped. */
  @Override
  void close();
}
