package io.highwater.perf.system;

import io.highwater.perf.load.LoadResult;
import io.highwater.perf.load.LoadSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Brokers in processes of their own. */
final class BrokerCluster implements RunningSystem {
  private static final String RESIDENT = "VmRSS:";

  private final String system;
  private final BrokerProgram program;
  private final ClientJvm client;
  private final ClusterLayout layout;
  private final TreeMap<Integer, ChildProcess> running = new TreeMap<>();

  private BrokerCluster(
      String system, BrokerProgram program, ClientJvm client, ClusterLayout layout) {
    this.system = system;
    this.program = program;
    this.client = client;
    this.layout = layout;
  }

  /** Starts all brokers; returns when they serve. */
  static BrokerCluster start(
      String system, BrokerProgram program, ClientJvm client, ClusterLayout layout) {
    BrokerCluster cluster = new BrokerCluster(system, program, client, layout);
    try {
      layout.numbers().forEach(broker -> program.prepare(layout, broker));
      layout.numbers().forEach(cluster::restart);
      cluster.awaitServing();
      return cluster;
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  @Override
  public String bootstrap() {
    return layout.bootstrap();
  }

  @Override
  public List<Long> brokerPids() {
    return running.values().stream().map(ChildProcess::pid).toList();
  }

  @Override
  public void createTopic(String name, int partitions, int replicationFactor, int minInSync) {
    client.admin(
        bootstrap(),
        "create-topic",
        name,
        String.valueOf(partitions),
        String.valueOf(replicationFactor),
        String.valueOf(minInSync));
  }

  @Override
  public LoadResult load(LoadSpec spec) {
    return client.load(spec, bootstrap(), brokerPids());
  }

  @Override
  public AckProbe probe(String topic, int partition, String acks) {
    return AckProbe.start(client, bootstrap(), topic, partition, acks);
  }

  @Override
  public int leaderOf(String topic, int partition) {
    return Integer.parseInt(
        client.admin(bootstrap(), "leader-of", topic, String.valueOf(partition)));
  }

  @Override
  public int controller() {
    return Integer.parseInt(client.admin(bootstrap(), "controller"));
  }

  @Override
  public void kill(int broker) {
    broker(broker).kill();
    running.remove(broker);
  }

  @Override
  public void restart(int broker) {
    if (running.containsKey(broker)) {
      throw new IllegalStateException(system + " broker " + broker + " runs");
    }
    running.put(
        broker,
        ChildProcess.start(
            system + " broker " + broker, program.command(layout, broker), layout.logOf(broker)));
  }

  @Override
  public void awaitServing() {
    try (ChildProcess admin =
        client.startAdmin(bootstrap(), "await-brokers", String.valueOf(running.size()))) {
      // A broker that ends is not worth waiting for.
      running.values().forEach(broker -> broker.whenEnded(admin::kill));
      admin.awaitLine(ClientJvm.DONE, ClientJvm.TIMEOUT);
    } catch (SystemFailureException e) {
      running.values().forEach(ChildProcess::requireAlive);
      throw e;
    }
  }

  @Override
  public void stop(int broker) {
    broker(broker).stop();
    running.remove(broker);
  }

  @Override
  public long diskBytes(String topic) {
    Pattern partition = Pattern.compile(Pattern.quote(topic) + "-\\d+");
    try (Stream<Path> files = Files.walk(layout.directory())) {
      return files
          .filter(file -> file.toString().endsWith(".log"))
          .filter(file -> partition.matcher(file.getParent().getFileName().toString()).matches())
          .mapToLong(file -> file.toFile().length())
          .sum();
    } catch (IOException | UncheckedIOException e) {
      throw new SystemFailureException("files of " + topic + " cannot be measured: " + e, e);
    }
  }

  @Override
  public long residentBytes(int broker) {
    Path status = Path.of("/proc", String.valueOf(broker(broker).pid()), "status");
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith(RESIDENT))
          .map(line -> line.substring(RESIDENT.length()).replace("kB", "").strip())
          .mapToLong(kilobytes -> Long.parseLong(kilobytes) * 1024)
          .findFirst()
          .orElseThrow(() -> new SystemFailureException(status + " says nothing of VmRSS"));
    } catch (IOException e) {
      throw new SystemFailureException(status + " cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    running.values().forEach(ChildProcess::kill);
    running.clear();
  }

  private ChildProcess broker(int number) {
    ChildProcess broker = running.get(number);
    if (broker == null) {
      throw new IllegalStateException(system + " broker " + number + " does not run");
    }
    return broker;
  }
}
