package io.highwater.perf.system;

import io.highwater.perf.highwater.HighwaterAdmin;
import io.highwater.perf.highwater.HighwaterTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Highwater, its brokers started as its users start them: by the launcher, with its flags. */
public final class HighwaterSystem implements ComparedSystem {
  private final List<String> command;

  /** Brokers of this build. */
  public HighwaterSystem(Checkout checkout) {
    this(List.of(checkout.launcher().toString()));
  }

  /**
   * Brokers of another command.
   *
   * @param command what stands before the verb {@code broker}
   */
  public HighwaterSystem(List<String> command) {
    this.command = List.copyOf(command);
  }

  @Override
  public String name() {
    return "highwater";
  }

  @Override
  public boolean supports(Topology topology) {
    return topology != Topology.EMBEDDED;
  }

  @Override
  public Optional<String> skipReason() {
    return Optional.empty();
  }

  @Override
  public Map<String, String> setup(Purpose purpose) {
    Map<String, String> setup = new LinkedHashMap<>();
    setup.put(
        "version",
        Optional.ofNullable(HighwaterSystem.class.getPackage().getImplementationVersion())
            .orElse("of class files"));
    setup.put("broker flags", "the launcher's");
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
      throw new SystemFailureException("highwater has no room: " + e, e);
    }
    ClientJvm client =
        new ClientJvm(
            name(),
            System.getProperty("java.class.path"),
            ClientJvm.opens(),
            HighwaterTarget.class.getName(),
            HighwaterAdmin.class.getName(),
            dataDirectory.resolve("clients.log"));
    return BrokerCluster.start(name(), new Program(command), client, layout);
  }

  private record Program(List<String> launcher) implements BrokerProgram {
    private static final int BROKERS = 2;
    private static final int ADMIN = 3;

    @Override
    public void prepare(ClusterLayout layout, int broker) {
      // A broker formats an empty directory itself.
    }

    @Override
    public List<String> command(ClusterLayout layout, int broker) {
      List<String> command = new ArrayList<>(launcher);
      command.addAll(
          List.of(
              "broker",
              "--exit-with-parent",
              "--node-id=" + broker,
              "--cluster-id=perf",
              "--listen=" + layout.address(broker, ClusterLayout.CLIENTS),
              "--listen-brokers=" + layout.address(broker, BROKERS),
              "--listen-controller=" + layout.address(broker, ClusterLayout.CONTROLLERS),
              "--listen-admin=" + layout.address(broker, ADMIN),
              "--controllers=" + layout.voters(),
              "--data=" + layout.dataOf(broker)));
      return command;
    }
  }
}
