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

  private final Path data;
  private final boolean keepFiles;
  private final String mainClass;
  private final int brokerCount;
  private final String clusterId = "quickstart-" + ProcessHandle.current().pid();
  private final TreeMap<Integer, BrokerProcess> brokers = new TreeMap<>();
  private List<Integer> ports;
  private Path directory;
  private boolean madeDirectory;
  private boolean closed;

  /**
   * A cluster of which nothing exists yet.
   *
   * @param data where its files go, made when absent, else it must be empty; null for a temporary
   *     directory
   * @param keepFiles whether they stay when the cluster is closed
   * @param mainClass root of the command line
   */
  LocalCluster(Path data, boolean keepFiles, String mainClass, int brokerCount) {
    this.data = data;
    this.keepFiles = keepFiles;
    this.mainClass = mainClass;
    this.brokerCount = brokerCount;
  }

  /**
   * Makes the directory and chooses the ports; nothing runs yet.
   *
   * @throws CliFailure DATA_NOT_EMPTY
   */
  synchronized void prepare() throws IOException {
    checkOpen();
    boolean make = data == null || !Files.exists(data);
    Path made =
        data == null
            ? Files.createTempDirectory("highwater-quickstart-")
            : Files.createDirectories(data.toAbsolutePath());
    if (!make && !entries(made).isEmpty()) {
      throw new CliFailure(
          "DATA_NOT_EMPTY", made + " is not empty: quickstart begins with a new cluster");
    }
    directory = made;
    madeDirectory = make;
    Files.createDirectory(temporary());
    ports = LoopbackPorts.find(brokerCount * LISTENERS);
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
  synchronized Path directory() {
    return directory;
  }

  /** A directory in there whose files never outlive the cluster. */
  synchronized Path temporary() {
    return directory.resolve("tmp");
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
    if (directory == null) {
      return;
    }
    deleteAll(temporary());
    if (!keepFiles) {
      for (Path entry : entries(directory)) {
        deleteAll(entry);
      }
      if (madeDirectory) {
        Files.deleteIfExists(directory);
      }
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the cluster is closed");
    }
  }

  private synchronized BrokerProcess launch(int node) throws IOException {
    checkOpen();
    BrokerCommand command = BrokerCommand.likeThisProcess(mainClass, temporary());
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

  private synchronized String controllers() {
    return IntStream.rangeClosed(1, brokerCount)
        .mapToObj(node -> node + "@" + address(node, 2))
        .collect(Collectors.joining(","));
  }

  private synchronized String address(int node, int listener) {
    return LoopbackPorts.HOST + ":" + ports.get((node - 1) * LISTENERS + listener);
  }

  private static List<Path> entries(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    }
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
