package io.highwater.server.loop;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads for what may block: reads of cold segments, opening and recovering logs, flushes. */
public final class IoPool implements Executor, AutoCloseable {
  private static final long CLOSE_WAIT_MS = 5_000;

  private final ThreadPoolExecutor threads;

  /** A pool whose threads, called {@code name} and a number, start when they are needed. */
  public IoPool(String name, int size) {
    this.threads =
        new ThreadPoolExecutor(
            size,
            size,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new DefaultThreadFactory(name, true));
    threads.allowCoreThreadTimeOut(true);
  }

  @Override
  public void execute(Runnable task) {
    threads.execute(task);
  }

  /** Takes no more tasks and waits, bounded, for those that run: an interrupt closes a file. */
  @Override
  public void close() {
    threads.shutdown();
    try {
      threads.awaitTermination(CLOSE_WAIT_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
