package io.highwater.server.cli;

import io.highwater.client.cli.CliError;
import io.highwater.client.cli.CliStreams;
import io.highwater.client.cli.OutputOption;
import io.highwater.server.FatalErrors;
import io.highwater.server.HighwaterServer;
import io.highwater.server.ServerConfig;
import io.highwater.server.StopSignals;
import io.highwater.server.config.ConfigValues;
import io.highwater.server.config.Listener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code highwater broker}. */
@Command(
    name = "broker",
    description = {
      "Run a broker until it is told to stop (SIGTERM, Ctrl-C).",
      "Without options: a cluster of one on 127.0.0.1, ports 7450 to 7453, data in ./data."
    },
    footer = {
      "",
      "Prints one line when it serves: 'ready', then its addresses. Logs go to standard error.",
      "Values come from flags, then HIGHWATER_… variables, then the file, then defaults.",
      "Port 0 takes a free one. With only --listen and --data given, the other listeners do so too."
    })
final class BrokerVerb implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerVerb.class);

  private final CliStreams streams;

  @Option(names = "--config", paramLabel = "FILE", description = "A properties file.")
  private Path config;

  @Option(names = "--node-id", paramLabel = "N", description = "This broker's number (node.id).")
  private Integer nodeId;

  @Option(names = "--listen", paramLabel = "HOST:PORT", description = "Where clients connect.")
  private String listen;

  @Option(
      names = "--listen-brokers",
      paramLabel = "HOST:PORT",
      description = "Where other brokers connect.")
  private String listenBrokers;

  @Option(
      names = "--listen-controller",
      paramLabel = "HOST:PORT",
      description = "Where the quorum of the metadata log connects.")
  private String listenController;

  @Option(
      names = "--listen-admin",
      paramLabel = "HOST:PORT",
      description = "Health and reflection.")
  private String listenAdmin;

  @Option(
      names = "--advertise",
      paramLabel = "HOST:PORT",
      description = "What clients are told; default: where it listens.")
  private String advertise;

  @Option(
      names = "--advertise-brokers",
      paramLabel = "HOST:PORT",
      description = "The same for other brokers.")
  private String advertiseBrokers;

  @Option(
      names = "--advertise-controller",
      paramLabel = "HOST:PORT",
      description = "The same for the quorum.")
  private String advertiseController;

  @Option(
      names = "--advertise-admin",
      paramLabel = "HOST:PORT",
      description = "The same for the admin listener.")
  private String advertiseAdmin;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The data directory (log.dirs); may be repeated, for several disks.")
  private List<String> data;

  @Option(
      names = "--controllers",
      paramLabel = "N@HOST:PORT,…",
      description = "All controllers (controller.quorum.voters). Default: this broker alone.")
  private String controllers;

  @Option(
      names = "--cluster-id",
      paramLabel = "ID",
      description = "The cluster it belongs to; needed at the first start of several.")
  private String clusterId;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Any configuration key, mostly Kafka's names; may be repeated.")
  private final Map<String, String> settings = new LinkedHashMap<>();

  @Option(names = "--exit-with-parent", hidden = true)
  private boolean exitWithParent;

  @Mixin private OutputOption output;

  BrokerVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    if (exitWithParent) {
      ParentWatch.start(streams.in());
    }
    LogSetup.logBroker();
    FatalErrors.install();
    ConfigValues.strangers(ServerConfig.KEYS, System.getenv()).forEach(LOG::warn);
    ServerConfig serverConfig = ServerConfig.load(config, System.getenv(), flags());
    HighwaterServer server = new HighwaterServer(serverConfig);
    StopSignals.install(server::stop);
    server.start();
    ReadyLine ready = ReadyLine.of(server);
    output.print(streams, ready, ready::text);
    server.awaitStopped();
    return CliError.DONE;
  }

  /** The options as configuration keys. */
  private Map<String, String> flags() {
    Map<String, String> flags = new LinkedHashMap<>(settings);
    put(flags, "node.id", nodeId == null ? null : nodeId.toString());
    put(flags, "log.dirs", data == null ? null : String.join(",", data));
    put(flags, "controller.quorum.voters", controllers);
    put(flags, "cluster.id", clusterId);
    put(flags, "listeners", listeners(listen, listenBrokers, listenController, listenAdmin));
    put(
        flags,
        "advertised.listeners",
        listeners(advertise, advertiseBrokers, advertiseController, advertiseAdmin));
    return flags;
  }

  private static void put(Map<String, String> flags, String key, String value) {
    if (value != null) {
      flags.put(key, value);
    }
  }

  private static String listeners(String clients, String brokers, String controller, String admin) {
    Map<Listener, String> addresses = new LinkedHashMap<>();
    addresses.put(Listener.CLIENTS, clients);
    addresses.put(Listener.BROKERS, brokers);
    addresses.put(Listener.CONTROLLER, controller);
    addresses.put(Listener.ADMIN, admin);
    addresses.values().removeIf(address -> address == null);
    return addresses.isEmpty()
        ? null
        : addresses.entrySet().stream()
            .map(address -> address.getKey() + "://" + address.getValue())
            .collect(Collectors.joining(","));
  }

  /**
   * What the broker says when it serves.
   *
   * @param controller null for a broker outside the quorum
   */
  private record ReadyLine(
      int nodeId,
      String clusterId,
      String clients,
      String brokers,
      String controller,
      String admin) {
    static ReadyLine of(HighwaterServer server) {
      return new ReadyLine(
          server.nodeId(),
          server.clusterId(),
          server.address(Listener.CLIENTS).toString(),
          server.address(Listener.BROKERS).toString(),
          server.isController() ? server.address(Listener.CONTROLLER).toString() : null,
          server.address(Listener.ADMIN).toString());
    }

    String text() {
      return String.format(
          Locale.ROOT,
          "ready node=%d clients=%s brokers=%s controller=%s admin=%s cluster=%s\n",
          nodeId,
          clients,
          brokers,
          controller == null ? "-" : controller,
          admin,
          clusterId);
    }
  }
}
