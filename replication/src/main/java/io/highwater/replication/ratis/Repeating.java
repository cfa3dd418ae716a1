package io.highwater.replication.ratis;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** A task that runs again and again, also after it failed, until it is closed. */
final class Repeating implements AutoCloseable {
  private final Runnable task;
  private final Executor later;
  private volatile boolean closed;

  /**
   * @param pauseMs before each run
   */
  Repeating(long pauseMs, Runnable task) {
    this.task = task;
    later = CompletableFuture.delayedExecutor(pauseMs, TimeUnit.MILLISECONDS);
  }

  /** The same, on threads of its own. */
  Repeating(long pauseMs, Runnable task, Executor threads) {
    this.task = task;
    later = CompletableFuture.delayedExecutor(pauseMs, TimeUnit.MILLISECONDS, threads);
  }

  void start() {
    later.execute(this::run);
  }

  private void run() {
    if (closed) {
      return;
    }
    try {
      task.run();
    } finally {
      start();
    }
  }

  /** No run begins any more. */
  @Override
  public void close() {
    closed = true;
  }
}
