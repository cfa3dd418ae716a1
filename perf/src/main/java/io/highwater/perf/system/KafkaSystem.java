package io.highwater.perf.system;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Apache Kafka: KRaft, every broker a controller, its start script's flags, default settings of log
 * and flush; clients are its own.
 */
public final class KafkaSystem implements ComparedSystem {
  private static final String PACKAGE = "io.highwater.peers.kafka.";
  private static final String CLUSTER_ID = "MDAwMDAwMDAwMDAwMDAwMA";
  private static final Duration FORMAT_TIMEOUT = Duration.ofMinutes(1);

  /** As kafka-run-class.sh has them; the log of collections and JMX are left out. */
  private static final List<String> SCRIPT_FLAGS =
      List.of(
          "-server",
          "-XX:+UseG1GC",
          "-XX:MaxGCPauseMillis=20",
          "-XX:InitiatingHeapOccupancyPercent=35",
          "-XX:+ExplicitGCInvokesConcurrent",
          "-Djava.awt.headless=true");

  /** Its log would cost it time; warnings go to standard error. */
  private static final List<String> QUIET =
      List.of("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");

  private final Peer peer;

  /** Kafka as the checkout's pom names it. */
  public KafkaSystem(Checkout checkout) {
    this.peer = Peer.of(checkout, "kafka");
  }

  @Override
  public String name() {
    return "kafka";
  }

  @Override
  public boolean supports(Topology topology) {
    return topology != Topology.EMBEDDED;
  }

  @Override
  public Optional<String> skipReason() {
    return peer.skipReason();
  }

  @Override
  public Map<String, String> setup(Purpose purpose) {
    Map<String, String> setup = new LinkedHashMap<>();
    setup.put("version", peer.versionOf("kafka-clients"));
    setup.put("broker flags", String.join(" ", brokerFlags(purpose)));
    setup.put("client flags", ClientJvm.describe());
    return setup;
  }

  @Override
  public RunningSystem start(Topology topology, Purpose purpose, Path dataDirectory) {
    ClusterLayout layout;
    try {
      Files.createDirectories(dataDirectory);
      layout = ClusterLayout.in(dataDirectory, topology.brokers());
    } catch (IOException e) {
      throw new SystemFailureException("kafka has no room: " + e, e);
    }
    List<String> clientFlags = new ArrayList<>(ClientJvm.opens());
    clientFlags.addAll(QUIET);
    ClientJvm client =
        new ClientJvm(
            name(),
            ClientJvm.loadClassPath() + File.pathSeparator + peer.classPath(),
            clientFlags,
            PACKAGE + "KafkaTarget",
            PACKAGE + "KafkaClusterAdmin",
            dataDirectory.resolve("clients.log"));
    return BrokerCluster.start(
        name(), new Program(peer.classPath(), brokerFlags(purpose)), client, layout);
  }

  private static List<String> brokerFlags(Purpose purpose) {
    List<String> flags = new ArrayList<>();
    flags.add(purpose == Purpose.THROUGHPUT ? "-Xms1g" : "-Xms256m");
    flags.add("-Xmx1g");
    flags.addAll(SCRIPT_FLAGS);
    return flags;
  }

  private record Program(String classPath, List<String> flags) implements BrokerProgram {
    @Override
    public void prepare(ClusterLayout layout, int broker) {
      Path properties = propertiesOf(layout, broker);
      try {
        Files.writeString(properties, properties(layout, broker));
      } catch (IOException e) {
        throw new SystemFailureException(properties + " cannot be written: " + e.getMessage(), e);
      }
      List<String> command = new ArrayList<>(List.of(ClientJvm.java(), "-XX:TieredStopAtLevel=1"));
      command.addAll(QUIET);
      command.addAll(
          List.of(
              "-cp",
              classPath,
              "kafka.tools.StorageTool",
              "format",
              "--cluster-id=" + CLUSTER_ID,
              "--config=" + properties));
      try (ChildProcess format =
          ChildProcess.start("kafka storage tool", command, layout.logOf(broker))) {
        format.awaitSuccess(FORMAT_TIMEOUT);
      }
    }

    @Override
    public List<String> command(ClusterLayout layout, int broker) {
      List<String> command = new ArrayList<>(List.of(ClientJvm.java()));
      command.addAll(flags);
      command.addAll(QUIET);
      command.addAll(
          List.of(
              "-cp", classPath, PACKAGE + "BrokerMain", propertiesOf(layout, broker).toString()));
      return command;
    }

    private static Path propertiesOf(ClusterLayout layout, int broker) {
      return layout.directory().resolve("broker-" + broker + ".properties");
    }

    private static String properties(ClusterLayout layout, int broker) {
      String clients = "PLAINTEXT://" + layout.address(broker, ClusterLayout.CLIENTS);
      return String.join(
          "\n",
          "process.roles=broker,controller",
          "node.id=" + broker,
          "controller.quorum.voters=" + layout.voters(),
          "controller.listener.names=CONTROLLER",
          "listeners="
              + clients
              + ",CONTROLLER://"
              + layout.address(broker, ClusterLayout.CONTROLLERS),
          "advertised.listeners=" + clients,
          "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
          "log.dirs=" + layout.dataOf(broker),
          "auto.create.topics.enable=false",
          "");
    }
  }
}
