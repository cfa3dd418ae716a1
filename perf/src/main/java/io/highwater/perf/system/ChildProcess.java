package io.highwater.perf.system;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A process that we started; it ends at the latest when this process does. Its standard error goes
 * into a file, its standard output is read line by line, and its standard input stays open.
 */
final class ChildProcess implements AutoCloseable {
  private static final Set<ChildProcess> RUNNING = ConcurrentHashMap.newKeySet();
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);

  /** How a JVM ends that was told to by SIGTERM. */
  private static final int TERMINATED = 128 + 15;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(ChildProcess::killAll, "end-children"));
  }

  private final String name;
  private final Path log;
  private final Process process;

  /** Lines, and an empty one at the end. */
  private final LinkedBlockingQueue<Optional<String>> output = new LinkedBlockingQueue<>();

  private ChildProcess(String name, Path log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
  }

  /**
   * Starts a process.
   *
   * @param name for error messages
   * @param log where its standard error goes, appended
   * @throws SystemFailureException when there is no such program
   */
  static ChildProcess start(String name, List<String> command, Path log) {
    ChildProcess child;
    try {
      child =
          new ChildProcess(
              name,
              log,
              new ProcessBuilder(command)
                  .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                  .start());
    } catch (IOException e) {
      throw new SystemFailureException(name + " cannot be started: " + e.getMessage(), e);
    }
    RUNNING.add(child);
    Thread reader = new Thread(child::readOutput, name + "-output");
    reader.setDaemon(true);
    reader.start();
    return child;
  }

  long pid() {
    return process.pid();
  }

  /**
   * Whether it runs.
   *
   * @throws SystemFailureException with its last words when it does not
   */
  void requireAlive() {
    if (!process.isAlive()) {
      throw new SystemFailureException(name + " ended: " + lastWords());
    }
  }

  /** Does something when it has ended, however that comes. */
  void whenEnded(Runnable action) {
    CompletableFuture<Void> unused = process.onExit().thenRun(action);
  }

  /** Writes a line to its standard input. */
  void send(String line) {
    try {
      process.getOutputStream().write((line + "\n").getBytes(UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new SystemFailureException(name + " ended: " + lastWords(), e);
    }
  }

  /**
   * Waits for a line of its output, passing over others.
   *
   * @throws SystemFailureException with its last words, when it ends before or takes too long
   */
  String awaitLine(String prefix, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      Optional<String> line;
      try {
        line = output.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SystemFailureException("interrupted while waiting for " + name, e);
      }
      if (line == null) {
        throw new SystemFailureException(
            "%s did not say '%s' within %d s: %s"
                .formatted(name, prefix.strip(), timeout.toSeconds(), lastWords()));
      }
      if (line.isEmpty()) {
        output.add(line);
        throw new SystemFailureException(name + " ended: " + lastWords());
      }
      if (line.get().startsWith(prefix)) {
        return line.get();
      }
    }
  }

  /**
   * Waits until it ends by itself.
   *
   * @throws SystemFailureException with its last words when it does not end well, or in time
   */
  void awaitSuccess(Duration timeout) {
    if (!awaitEnd(timeout)) {
      throw new SystemFailureException(
          name + " did not end within " + timeout.toSeconds() + " s: " + lastWords());
    }
    if (process.exitValue() != 0) {
      throw new SystemFailureException(name + " failed: " + lastWords());
    }
  }

  /**
   * Asks it to end (SIGTERM); returns when it is gone, killed if it takes longer than a minute.
   *
   * @throws SystemFailureException when it does not end as one that was asked to
   */
  void stop() {
    // Process.destroy closes the pipes as well, and a child that watches its parent would halt.
    process.toHandle().destroy();
    try {
      if (!awaitEnd(STOP_TIMEOUT)) {
        throw new SystemFailureException(
            name + " did not stop within " + STOP_TIMEOUT.toSeconds() + " s");
      }
      if (process.exitValue() != 0 && process.exitValue() != TERMINATED) {
        throw new SystemFailureException(
            name + " did not stop cleanly, exit " + process.exitValue() + ": " + lastWords());
      }
    } finally {
      kill();
    }
  }

  /** Kills it (SIGKILL); returns when it is gone. Without effect on one that ended. */
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
    RUNNING.remove(this);
  }

  /** Kills all processes that were started here. */
  static void killAll() {
    RUNNING.forEach(ChildProcess::kill);
  }

  @Override
  public void close() {
    kill();
  }

  private boolean awaitEnd(Duration timeout) {
    try {
      return process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SystemFailureException("interrupted while waiting for " + name, e);
    }
  }

  private void readOutput() {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        output.add(Optional.of(line));
      }
    } catch (IOException e) {
      // The pipe of a process that was killed may close while it is read: its end all the same.
      output.add(Optional.of("output cannot be read: " + e.getMessage()));
    } finally {
      output.add(Optional.empty());
    }
  }

  private String lastWords() {
    try {
      List<String> lines = Files.readAllLines(log);
      return lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1);
    } catch (IOException | UncheckedIOException e) {
      return "its log cannot be read: " + e.getMessage();
    }
  }
}
