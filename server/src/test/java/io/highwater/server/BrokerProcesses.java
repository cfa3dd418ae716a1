package io.highwater.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.highwater.client.admin.Admin;
import io.highwater.client.cli.LoopbackPorts;
import io.highwater.server.cli.HighwaterCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Brokers in processes of their own, for what only SIGKILL and SIGSTOP can show. */
final class BrokerProcesses implements AutoCloseable {
  private static final int LISTENERS = 4;
  private static final long PATIENCE_SECONDS = 60;
  private static final int MAX_COMPLAINTS = 40;

  private final Path root;
  private final int count;
  private final int controllers;
  private final List<String> settings;
  private final List<Integer> ports;
  private final TreeMap<Integer, Process> running = new TreeMap<>();
  private List<String> flags = List.of();

  /**
   * Brokers 1 to {@code count}, none started yet.
   *
   * @param root where their files go
   * @param settings configuration, {@code key=value} each; {@code {node}} stands for its number
   */
  BrokerProcesses(Path root, int count, String... settings) throws IOException {
    this(root, count, count, settings);
  }

  /**
   * Brokers 1 to {@code count}, of which only 1 to {@code controllers} are controllers; none
   * started yet.
   */
  BrokerProcesses(Path root, int count, int controllers, String... settings) throws IOException {
    this.root = root;
    this.count = count;
    this.controllers = controllers;
    this.settings = List.of(settings);
    this.ports = LoopbackPorts.find(count * LISTENERS);
    Files.createDirectories(root.resolve("tmp"));
  }

  /** Gives brokers that are started from now on more flags for the JVM. */
  BrokerProcesses withFlags(List<String> more) {
    flags = more;
    return this;
  }

  /**
   * Starts a broker; it may wait for others before it serves.
   *
   * @param more configuration of this one, {@code key=value} each
   * @return completes when it serves; fails when it ends before
   */
  CompletableFuture<Void> start(int node, String... more) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!flag.startsWith("-agentlib:") && !flag.startsWith("-Djava.io.tmpdir=")) {
        command.add(flag);
      }
    }
    // They live for seconds only, most of which goes into loading and verifying classes.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:-BytecodeVerificationRemote"));
    command.add("-Djava.io.tmpdir=" + root.resolve("tmp"));
    command.addAll(flags);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), HighwaterCommand.class.getName()));
    command.addAll(
        List.of(
            "broker",
            "--exit-with-parent",
            "--node-id=" + node,
            "--cluster-id=processes",
            "--listen=" + address(node, 0),
            "--listen-brokers=" + address(node, 1),
            "--listen-controller=" + address(node, 2),
            "--listen-admin=" + address(node, 3),
            "--controllers=" + addresses(2, controllers, id -> id + "@"),
            "--data=" + directory(node)));
    settings.forEach(
        setting -> command.add("--set=" + setting.replace("{node}", Integer.toString(node))));
    List.of(more).forEach(setting -> command.add("--set=" + setting));
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.appendTo(logOf(node).toFile()))
              .start();
      running.put(node, process);
      return CompletableFuture.runAsync(() -> awaitReady(node, process))
          .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
          .exceptionallyCompose(
              failure ->
                  CompletableFuture.failedFuture(
                      new IllegalStateException("broker " + node + ": " + log(node), failure)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts all and returns when they serve. */
  void startAll() {
    CompletableFuture.allOf(
            IntStream.rangeClosed(1, count)
                .mapToObj(node -> start(node))
                .toArray(CompletableFuture<?>[]::new))
        .join();
  }

  /** SIGKILL; returns when it is gone. */
  void kill(int node) {
    Process process = running.remove(node);
    if (process != null) {
      process.destroyForcibly();
      process.onExit().join();
    }
  }

  /**
   * SIGTERM; returns when it is gone.
   *
   * @return its exit code
   */
  int stop(int node) {
    // Process.destroy would close the broker's input as well, which ends it like a crash.
    signal(node, "TERM");
    Process process = running.get(node);
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("broker " + node + " does not stop: " + log(node));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    running.remove(node);
    return process.exitValue();
  }

  /** SIGKILL to all of them, as close together as that goes. */
  void killAll() {
    running.values().forEach(Process::destroyForcibly);
    running.values().forEach(process -> process.onExit().join());
    running.clear();
  }

  /** SIGSTOP: the process stands still and its sockets stay. */
  void freeze(int node) {
    signal(node, "STOP");
  }

  /** SIGCONT. */
  void thaw(int node) {
    signal(node, "CONT");
  }

  private void signal(int node, String signal) {
    try {
      int exit =
          new ProcessBuilder("kill", "-" + signal, Long.toString(running.get(node).pid()))
              .start()
              .waitFor();
      if (exit != 0) {
        throw new IllegalStateException("kill -" + signal + " ended with " + exit);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Where a broker keeps its data. */
  Path directory(int node) {
    return root.resolve("broker-" + node);
  }

  /** What a broker said so far. */
  String log(int node) {
    try {
      return Files.exists(logOf(node)) ? Files.readString(logOf(node)) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The last warnings and errors of each broker. */
  String complaints() {
    return IntStream.rangeClosed(1, count)
        .mapToObj(node -> "broker " + node + ":\n" + complaints(node))
        .collect(Collectors.joining());
  }

  private String complaints(int node) {
    List<String> lines =
        log(node)
            .lines()
            .filter(line -> line.contains(" WARN ") || line.contains(" ERROR "))
            .toList();
    return lines.subList(Math.max(0, lines.size() - MAX_COMPLAINTS), lines.size()).stream()
        .map(line -> "  " + line + "\n")
        .collect(Collectors.joining());
  }

  /** All clients' listeners. */
  String bootstrap() {
    return addresses(0, count, id -> "");
  }

  /** Where one broker listens for clients on loopback. */
  int clientPort(int node) {
    return ports.get((node - 1) * LISTENERS);
  }

  /** Where one broker listens for other brokers on loopback. */
  int brokersPort(int node) {
    return ports.get((node - 1) * LISTENERS + 1);
  }

  /** The client listener of one broker. */
  String bootstrap(int node) {
    return address(node, 0);
  }

  /** An administrator who talks to whoever serves. */
  Admin admin() {
    return Admin.builder().bootstrap(bootstrap()).build();
  }

  @Override
  public void close() {
    killAll();
  }

  private Path logOf(int node) {
    return root.resolve("broker-" + node + ".log");
  }

  private String address(int node, int listener) {
    return LoopbackPorts.HOST + ":" + ports.get((node - 1) * LISTENERS + listener);
  }

  private String addresses(int listener, int nodes, IntFunction<String> prefix) {
    return IntStream.rangeClosed(1, nodes)
        .mapToObj(node -> prefix.apply(node) + address(node, listener))
        .collect(Collectors.joining(","));
  }

  private void awaitReady(int node, Process process) {
    try {
      BufferedReader output =
          new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (line.startsWith("ready ")) {
          return;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new IllegalStateException("broker " + node + " ended: " + log(node));
  }
}
