package io.highwater.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.highwater.client.cli.CliError;
import io.highwater.client.cli.CliStreams;
import io.highwater.client.cli.LoopbackPorts;
import io.highwater.server.HighwaterServer;
import io.highwater.server.ServerConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Runs once after a build what brokers and verbs run, so that the launcher can archive the classes
 * that this loads: three brokers in one process, a topic, a few records. Ends with exit code 0 when
 * all went well and with another one after a while in any case.
 */
final class Rehearsal {
  private static final int BROKERS = 3;
  private static final int LISTENERS = 4;
  private static final long LIMIT_SECONDS = 60;
  private static final int TOO_LONG = 4;
  private static final String LINES = "a:1\nb:2\nc:3\n";

  private final List<Integer> ports;
  private final Path directory;

  private Rehearsal(List<Integer> ports, Path directory) {
    this.ports = ports;
    this.directory = directory;
  }

  /** Takes no arguments. */
  public static void main(String[] args) throws IOException {
    CompletableFuture.delayedExecutor(LIMIT_SECONDS, TimeUnit.SECONDS)
        .execute(() -> Runtime.getRuntime().halt(TOO_LONG));
    Path directory = Files.createTempDirectory("highwater-rehearsal-");
    try {
      new Rehearsal(LoopbackPorts.find(BROKERS * LISTENERS), directory).run();
    } finally {
      deleteAll(directory);
    }
    System.exit(CliError.DONE);
  }

  private void run() {
    List<HighwaterServer> brokers = new ArrayList<>();
    for (int node = 1; node <= BROKERS; node++) {
      brokers.add(new HighwaterServer(config(node)));
    }
    try {
      together(brokers, HighwaterServer::start);
      runVerbs();
    } finally {
      together(brokers, HighwaterServer::close);
    }
  }

  // Each of them waits for others, both when it starts and when it stops.
  private static void together(List<HighwaterServer> brokers, Consumer<HighwaterServer> step) {
    ExecutorService threads = Executors.newFixedThreadPool(BROKERS);
    CompletableFuture.allOf(
            brokers.stream()
                .map(broker -> CompletableFuture.runAsync(() -> step.accept(broker), threads))
                .toArray(CompletableFuture[]::new))
        .join();
    threads.shutdown();
  }

  private void runVerbs() {
    verb("--help");
    verb("version", "--output=json");
    clusterVerb("topic", "create", "t", "--partitions=3", "--replication-factor=3");
    clusterVerb("produce", "t", "--key-separator=:", "--compression=zstd");
    clusterVerb("consume", "t", "--until-end");
    clusterVerb("consume", "t", "--from=@0", "--until-end", "--output=json");
    clusterVerb("topic", "describe", "t");
    clusterVerb("topic", "list", "--output=json");
    clusterVerb("cluster", "describe");
    clusterVerb("topic", "delete", "t");
  }

  private void clusterVerb(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.add("--bootstrap=" + address(1, 0));
    verb(all.toArray(String[]::new));
  }

  private static void verb(String... args) {
    CliStreams streams =
        new CliStreams(
            new ByteArrayInputStream(LINES.getBytes(UTF_8)),
            OutputStream.nullOutputStream(),
            new PrintStream(System.err, true, UTF_8),
            false);
    int exitCode = HighwaterCommand.run(streams, args);
    if (exitCode != CliError.DONE) {
      throw new IllegalStateException(String.join(" ", args) + " ended with " + exitCode);
    }
  }

  private ServerConfig config(int node) {
    List<String> voters = new ArrayList<>();
    for (int voter = 1; voter <= BROKERS; voter++) {
      voters.add(voter + "@" + address(voter, 2));
    }
    return ServerConfig.of(
        Map.of(
            "node.id", Integer.toString(node),
            "cluster.id", "rehearsal",
            "controller.quorum.voters", String.join(",", voters),
            "log.dirs", directory.resolve(Integer.toString(node)).toString(),
            "listeners",
                "CLIENTS://"
                    + address(node, 0)
                    + ",BROKERS://"
                    + address(node, 1)
                    + ",CONTROLLER://"
                    + address(node, 2)
                    + ",ADMIN://"
                    + address(node, 3)));
  }

  private String address(int node, int listener) {
    return LoopbackPorts.HOST + ":" + ports.get((node - 1) * LISTENERS + listener);
  }

  private static void deleteAll(Path root) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(root)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.deleteIfExists(path);
    }
  }
}
