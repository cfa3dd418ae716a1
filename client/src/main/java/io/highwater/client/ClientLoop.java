package io.highwater.client;

/** The one thread that a client's connections and their state belong to. */
public interface ClientLoop {
  /**
   * Runs a task on the loop, after those given before it. From any thread.
   *
   * @throws IllegalStateException when the client is closed
   */
  void execute(Runnable task);

  /**
   * Runs a task on the loop, later. From any thread.
   *
   * @param delayMs from now, from 0
   * @throws IllegalStateException when the client is closed
   */
  Timer schedule(long delayMs, Runnable task);

  /** Whether the caller runs on the loop. */
  boolean inLoop();

  /** A task that waits for its time. */
  interface Timer {
    /** Drops the task unless it ran already. */
    void cancel();
  }
}
