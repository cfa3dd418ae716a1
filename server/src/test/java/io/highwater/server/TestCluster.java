package io.highwater.server;

import static org.awaitility.Awaitility.await;

import io.highwater.client.BrokerDescription;
import io.highwater.client.PartitionDescription;
import io.highwater.client.admin.Admin;
import io.highwater.server.config.HostPort;
import io.highwater.server.config.Listener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Several real brokers in one JVM, all of them controllers, numbered from 1; closed together. */
final class TestCluster implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path data;
  private final String voters;
  private final Map<String, String> settings;
  private final Map<Integer, HighwaterServer> brokers = new TreeMap<>();
  private final Map<Integer, FaultyStorage> disks = new HashMap<>();
  private final Map<Integer, HostPort> addresses = new TreeMap<>();
  private final BrokerFixture fixture = new BrokerFixture();
  private Admin admin;

  /**
   * @param settings of every broker; {@code ID} in a value stands for its number
   */
  TestCluster(Path data, int count, Map<String, String> settings) throws IOException {
    this.data = data;
    this.settings = Map.copyOf(settings);
    this.voters = voters(count);
    List<CompletableFuture<Void>> starts = new ArrayList<>();
    for (int id = 1; id <= count; id++) {
      HighwaterServer broker = create(id);
      starts.add(CompletableFuture.runAsync(broker::start));
    }
    starts.forEach(CompletableFuture::join);
    brokers.forEach((id, broker) -> addresses.put(id, broker.address(Listener.CLIENTS)));
    admin = Admin.builder().bootstrap(bootstrap()).build();
    awaitBrokers(count);
  }

  Admin admin() {
    return admin;
  }

  HighwaterServer broker(int id) {
    return brokers.get(id);
  }

  /** What a broker's logs are on. */
  FaultyStorage disk(int id) {
    return disks.get(id);
  }

  Path dataOf(int id) {
    return data.resolve("broker-" + id);
  }

  String bootstrap() {
    return addresses.values().stream().map(HostPort::toString).collect(Collectors.joining(","));
  }

  /** Starts a stopped or crashed broker again, at another address. */
  void restart(int id) {
    HighwaterServer broker = create(id);
    broker.start();
    addresses.put(id, broker.address(Listener.CLIENTS));
    admin.close();
    admin = Admin.builder().bootstrap(bootstrap()).build();
  }

  void awaitBrokers(int unfenced) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () ->
                admin.describeCluster().brokers().stream()
                        .filter(broker -> !broker.fenced())
                        .map(BrokerDescription::nodeId)
                        .count()
                    == unfenced);
  }

  PartitionDescription partition(String topic, int partition) {
    return admin.describeTopic(topic).partitions().get(partition);
  }

  private HighwaterServer create(int id) {
    Map<String, String> values = new HashMap<>();
    settings.forEach((key, value) -> values.put(key, value.replace("ID", Integer.toString(id))));
    values.put("node.id", Integer.toString(id));
    values.put("cluster.id", "test");
    values.put("log.dirs", dataOf(id).toString());
    values.put("listeners", "CLIENTS://127.0.0.1:0");
    values.put("controller.quorum.voters", voters);
    disks.putIfAbsent(id, new FaultyStorage());
    HighwaterServer broker = new HighwaterServer(ServerConfig.of(values), disks.get(id).storage());
    brokers.put(id, broker);
    fixture.adopt(broker);
    return broker;
  }

  @Override
  public void close() {
    admin.close();
    fixture.close();
  }

  private static String voters(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return IntStream.range(0, count)
          .mapToObj(i -> (i + 1) + "@127.0.0.1:" + sockets.get(i).getLocalPort())
          .collect(Collectors.joining(","));
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }
}
