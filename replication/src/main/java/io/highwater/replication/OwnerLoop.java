package io.highwater.replication;

/**
 * The event loop that owns the partitions: everything that changes one runs on it, so nothing here
 * takes a lock. A network event loop in production, virtual time in the simulation.
 */
public interface OwnerLoop {
  /**
   * Runs a task on the loop after what runs there now, in the order of the calls. From any thread.
   */
  void execute(Runnable task);

  /**
   * Runs a task on the loop after what waits there now, and after the network had its turn: for
   * work that comes in many pieces and must not hold up what others send. On the loop.
   */
  default void executeAfterIo(Runnable task) {
    execute(task);
  }

  /**
   * Runs a task on the loop once a delay has passed. From any thread.
   *
   * @param delayMs from now, not negative
   * @return cancels the task if it has not run yet; to be called on the loop
   */
  Cancellable schedule(long delayMs, Runnable task);

  /** Whether the caller is on the loop. */
  boolean inLoop();
}
