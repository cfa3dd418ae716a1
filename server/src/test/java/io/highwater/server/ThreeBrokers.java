package io.highwater.server;

import static org.awaitility.Awaitility.await;

import io.highwater.client.NewTopic;
import io.highwater.client.PartitionDescription;
import io.highwater.client.admin.Admin;
import io.highwater.client.cli.LoopbackPorts;
import io.highwater.replication.control.Feature;
import io.highwater.replication.control.LevelRange;
import io.highwater.server.config.HostPort;
import io.highwater.server.config.Listener;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Three real brokers in this JVM and an administrator of their cluster. */
final class ThreeBrokers implements AutoCloseable {
  static final int COUNT = 3;
  static final Duration PATIENCE = Duration.ofSeconds(40);

  private final Path root;
  private final Map<String, String> settings;
  private final BrokerFixture fixture = new BrokerFixture();
  private final TreeMap<Integer, HighwaterServer> brokers = new TreeMap<>();
  private final List<Integer> ports;
  private SortedMap<String, LevelRange> features = Feature.allSupported();
  private Admin admin;

  ThreeBrokers(Path root, Map<String, String> settings) throws IOException {
    this.root = root;
    this.settings = settings;
    this.ports = LoopbackPorts.find(2 * COUNT);
  }

  /** Who is started from now on is of software that speaks these levels. */
  ThreeBrokers speaking(SortedMap<String, LevelRange> levels) {
    features = levels;
    return this;
  }

  /** Starts all; returns when they serve. */
  void start() {
    startAll();
    admin = Admin.builder().bootstrap(bootstrap()).build();
  }

  /** All crash; returns when none is left. */
  void crashAll() {
    CompletableFuture.allOf(
            brokers.values().stream()
                .map(broker -> CompletableFuture.runAsync(broker::crash))
                .toArray(CompletableFuture<?>[]::new))
        .join();
  }

  /** Starts all that crashed; returns when they serve. */
  void startAll() {
    CompletableFuture.allOf(
            IntStream.rangeClosed(1, COUNT)
                .mapToObj(id -> CompletableFuture.runAsync(newBroker(id)::start))
                .toArray(CompletableFuture<?>[]::new))
        .join();
  }

  /** Starts one again that crashed or stopped. */
  void restart(int id) {
    newBroker(id).start();
  }

  private HighwaterServer newBroker(int id) {
    Map<String, String> values = new HashMap<>(settings);
    values.put("node.id", Integer.toString(id));
    values.put("cluster.id", "three");
    values.put("log.dirs", directory(id).toString());
    values.put("listeners", "CLIENTS://" + address(id - 1));
    values.put(
        "controller.quorum.voters",
        IntStream.rangeClosed(1, COUNT)
            .mapToObj(node -> node + "@" + address(COUNT + node - 1))
            .collect(Collectors.joining(",")));
    HighwaterServer broker = new HighwaterServer(ServerConfig.of(values).speaking(features));
    brokers.put(id, broker);
    fixture.adopt(broker);
    return broker;
  }

  private String address(int port) {
    return LoopbackPorts.HOST + ":" + ports.get(port);
  }

  HighwaterServer broker(int id) {
    return brokers.get(id);
  }

  Path directory(int id) {
    return root.resolve("broker-" + id);
  }

  String bootstrap() {
    return brokers.values().stream()
        .map(broker -> broker.address(Listener.CLIENTS))
        .map(HostPort::toString)
        .collect(Collectors.joining(","));
  }

  Admin admin() {
    return admin;
  }

  /** Creates a topic of one partition, as soon as there are enough brokers for it. */
  void createTopic(String name, int replicas, Map<String, String> configs) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(() -> admin.createTopic(new NewTopic(name, 1, replicas, configs)));
  }

  /** Partition 0. */
  PartitionDescription describe(String topic) {
    return admin.describeTopic(topic).partitions().get(0);
  }

  @Override
  public void close() {
    if (admin != null) {
      admin.close();
    }
    fixture.close();
  }
}
