package io.highwater.replication.ratis;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task that runs again and again, also after it failed, until it is closed. What it fails with is
 * logged once, and again when it has run in between or fails otherwise.
 */
final class Repeating implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Repeating.class);

  private final String name;
  private final Runnable task;
  private final Executor later;
  private volatile boolean closed;

  /** By the run before, which happens before this one. */
  private volatile String complaint = "";

  /**
   * @param name of what is done, for people
   * @param pauseMs before each run
   */
  Repeating(String name, long pauseMs, Runnable task) {
    this.name = name;
    this.task = task;
    later = CompletableFuture.delayedExecutor(pauseMs, TimeUnit.MILLISECONDS);
  }

  /** The same, on threads of its own. */
  Repeating(String name, long pauseMs, Runnable task, Executor threads) {
    this.name = name;
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
      complaint = "";
    } catch (RuntimeException e) {
      complain(e);
    } finally {
      if (!closed) {
        start();
      }
    }
  }

  private void complain(RuntimeException failure) {
    if (!closed && !complaint.equals(failure.toString())) {
      complaint = failure.toString();
      LOG.error("{} fails, and is tried again and again", name, failure);
    }
  }

  /** No run begins any more. */
  @Override
  public void close() {
    closed = true;
  }
}
