package io.highwater.client.cli;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Brokers in processes of their own on loopback, all of them controllers, with their files in one
 * directory. Methods may be called from any thread; after {@link #close} no process is left and
 * none can be started.
 */
final class LocalCluster implements AutoCloseable {
  private static final int LISTENERS = 4;
  private static final long START_TIMEOUT_MS = 60_000;

  private final Path directory;
  private final boolean keepFiles;
  private final boolean madeDirectory;
  private final BrokerCommand command;
  private final String clusterId;
  private final List<Integer> ports;
  private final int brokerCount;
  private final TreeMap<Integer, BrokerProcess> brokers = new TreeMap<>();
  private boolean closed;

  private LocalCluster(
      Path directory,
      boolean keepFiles,
      boolean madeDirectory,
      String mainClass,
      List<Integer> ports) {
    this.directory = directory;
    this.keepFiles = keepFiles;
    this.madeDirectory = madeDirectory;
    this.command = BrokerCommand.likeThisProcess(mainClass, temporary(directory));
    this.clusterId = "quickstart-" + ProcessHandle.current().pid();
    this.ports = ports;
    this.brokerCount = ports.size() / LISTENERS;
  }

  /**
   * Prepares a cluster; nothing runs yet.
   *
   * @param data where its files go, made when absent, else it must be empty; null for a temporary
   *     directory
   * @param keepFiles whether they stay when the cluster is closed
   * @param mainClass root of the command line
   * @throws CliFailure DATA_NOT_EMPTY
   */
  static LocalCluster prepare(Path data, boolean keepFiles, String mainClass, int brokerCount)
      throws IOException {
    boolean make = data == null || !Files.exists(data);
    Path directory =
        data == null
            ? Files.createTempDirectory("highwater-quickstart-")
            : Files.createDirectories(data.toAbsolutePath());
    try (Stream<Path> files = Files.list(directory)) {
      if (files.findAny().isPresent()) {
        throw new CliFailure(
            "DATA_NOT_EMPTY", directory + " is not empty: quickstart begins with a new cluster");
      }
    }
    Files.createDirectory(temporary(directory));
    List<Integer> ports = LoopbackPorts.find(brokerCount * LISTENERS);
    return new LocalCluster(directory, keepFiles, make, mainClass, ports);
  }

  /** Starts all brokers and returns when they serve. */
  void start() throws IOException {
    for (int node = 1; node <= brokerCount; node++) {
      launch(node);
    }
    for (BrokerProcess broker : running()) {
      broker.awaitReady(START_TIMEOUT_MS);
    }
  }

  /** Kills a broker with SIGKILL; returns when it is gone. */
  void kill(int node) {
    broker(node).kill();
  }

  /** Starts a broker again that was killed, and returns when it serves. */
  void restart(int node) throws IOException {
    launch(node).awaitReady(START_TIMEOUT_MS);
  }

  /** Where the brokers listen for clients, as {@code --bootstrap} takes it. */
  String bootstrap() {
    return IntStream.rangeClosed(1, brokerCount)
        .mapToObj(node -> address(node, 0))
        .collect(Collectors.joining(","));
  }

  /** Where the files are. */
  Path directory() {
    return directory;
  }

  /** A directory in there whose files never outlive the cluster. */
  Path temporary() {
    return temporary(directory);
  }

  /** Whether the files outlive the cluster. */
  boolean keepsFiles() {
    return keepFiles;
  }

  /** Kills what still runs and removes the files unless they are to be kept. */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    brokers.values().forEach(BrokerProcess::kill);
    deleteAll(temporary(directory));
    if (!keepFiles) {
      for (Path entry : entries()) {
        deleteAll(entry);
      }
      if (madeDirectory) {
        Files.deleteIfExists(directory);
      }
    }
  }

  private synchronized BrokerProcess launch(int node) throws IOException {
    if (closed) {
      throw new IllegalStateException("the cluster is closed");
    }
    List<String> arguments =
        List.of(
            "broker",
            "--exit-with-parent",
            "--node-id=" + node,
            "--cluster-id=" + clusterId,
            "--listen=" + address(node, 0),
            "--listen-brokers=" + address(node, 1),
            "--listen-controller=" + address(node, 2),
            "--listen-admin=" + address(node, 3),
            "--controllers=" + controllers(),
            "--data=" + directory.resolve("broker-" + node));
    BrokerProcess broker =
        BrokerProcess.start(
            node, command.with(arguments), directory.resolve("broker-" + node + ".log"));
    brokers.put(node, broker);
    return broker;
  }

  private synchronized BrokerProcess broker(int node) {
    return brokers.get(node);
  }

  private synchronized List<BrokerProcess> running() {
    return new ArrayList<>(brokers.values());
  }

  private String controllers() {
    return IntStream.rangeClosed(1, brokerCount)
        .mapToObj(node -> node + "@" + address(node, 2))
        .collect(Collectors.joining(","));
  }

  private String address(int node, int listener) {
    return LoopbackPorts.HOST + ":" + ports.get((node - 1) * LISTENERS + listener);
  }

  private List<Path> entries() throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    }
  }

  private static Path temporary(Path directory) {
    return directory.resolve("tmp");
  }

  private static void deleteAll(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(root)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      try {
        Files.deleteIfExists(path);
      } catch (DirectoryNotEmptyException e) {
        throw new IOException(path + " is in use by another process", e);
      }
    }
  }
}
