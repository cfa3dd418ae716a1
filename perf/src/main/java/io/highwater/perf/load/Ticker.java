package io.highwater.perf.load;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Does something ten times a second beside a phase, and once more at its end. */
final class Ticker implements AutoCloseable {
  private static final long EVERY_MS = 100;

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread daemon = new Thread(task, "load-ticker");
            daemon.setDaemon(true);
            return daemon;
          });
  private final Runnable tick;
  private final Future<?> ticking;

  Ticker(Runnable tick) {
    this.tick = tick;
    this.ticking = thread.scheduleAtFixedRate(tick, EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
  }

  /**
   * Ticks a last time.
   *
   * @throws IllegalStateException when a tick failed
   */
  @Override
  public void close() {
    ticking.cancel(false);
    Future<?> last = thread.submit(tick);
    thread.shutdown();
    try {
      last.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("progress cannot be told", e.getCause());
    }
  }
}
