package io.highwater.client.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A broker in a process of its own, which ends at the latest when this process does. */
final class BrokerProcess {
  /** How the line begins that a broker prints when it serves. */
  static final String READY = "ready ";

  private final int nodeId;
  private final Path log;
  private final Process process;
  private final CompletableFuture<String> ready = new CompletableFuture<>();

  private BrokerProcess(int nodeId, Path log, Process process) {
    this.nodeId = nodeId;
    this.log = log;
    this.process = process;
  }

  /**
   * Starts a broker.
   *
   * @param command its whole command line
   * @param log where its standard error goes, appended
   */
  static BrokerProcess start(int nodeId, List<String> command, Path log) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    BrokerProcess broker = new BrokerProcess(nodeId, log, process);
    Thread reader = new Thread(broker::readOutput, "broker-" + nodeId + "-output");
    reader.setDaemon(true);
    reader.start();
    return broker;
  }

  /**
   * Waits until the broker serves.
   *
   * @throws CliFailure BROKER_FAILED with its last words, or TIMED_OUT
   */
  void awaitReady(long timeoutMs) {
    try {
      ready.get(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new CliFailure("BROKER_FAILED", "broker " + nodeId + " ended: " + lastWords());
    } catch (TimeoutException e) {
      throw new CliFailure(
          "TIMED_OUT",
          "broker " + nodeId + " was not ready within " + timeoutMs / 1000 + " s: " + lastWords());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliFailure("INTERRUPTED", "while broker " + nodeId + " was starting");
    }
  }

  /** Whether the process runs. */
  boolean isAlive() {
    return process.isAlive();
  }

  /** Kills the process (SIGKILL) and returns when it is gone. */
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  private void readOutput() {
    try (BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (line.startsWith(READY)) {
          ready.complete(line);
        }
      }
      ready.completeExceptionally(new IOException("end of output"));
    } catch (IOException e) {
      ready.completeExceptionally(e);
    }
  }

  private String lastWords() {
    try {
      List<String> lines = Files.readAllLines(log);
      return lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1);
    } catch (IOException e) {
      return "its log cannot be read: " + e.getMessage();
    }
  }
}
