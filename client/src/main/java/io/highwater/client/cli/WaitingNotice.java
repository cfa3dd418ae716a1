package io.highwater.client.cli;

import io.highwater.client.producer.Producer;
import io.highwater.proto.HighwaterException;
import java.io.PrintStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Says why a producer waits while it does, once for each reason, on a thread of its own. */
final class WaitingNotice implements AutoCloseable {
  private static final long PAUSE_MS = 3_000;

  private final Supplier<CompletableFuture<Optional<HighwaterException>>> obstacle;
  private final PrintStream err;
  private final ScheduledExecutorService looks =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "waiting-notice");
            thread.setDaemon(true);
            return thread;
          });
  private String told = "";

  /**
   * @param obstacle as {@link Producer#obstacle}
   * @param pauseMs before each look
   */
  WaitingNotice(
      Supplier<CompletableFuture<Optional<HighwaterException>>> obstacle,
      PrintStream err,
      long pauseMs) {
    this.obstacle = obstacle;
    this.err = err;
    // Ends with the executor.
    Future<?> unused =
        looks.scheduleWithFixedDelay(this::look, pauseMs, pauseMs, TimeUnit.MILLISECONDS);
  }

  /** Looks every few seconds. */
  static WaitingNotice of(Producer producer, PrintStream err) {
    return new WaitingNotice(producer::obstacle, err, PAUSE_MS);
  }

  private void look() {
    obstacle.get().join().ifPresent(this::tell);
  }

  private void tell(HighwaterException found) {
    String line = CliError.line(found.code().name(), "waiting: " + found.getMessage());
    if (!line.equals(told)) {
      told = line;
      err.println(line);
    }
  }

  @Override
  public void close() {
    looks.shutdownNow();
  }
}
