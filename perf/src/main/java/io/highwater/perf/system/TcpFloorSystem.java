package io.highwater.perf.system;

import io.highwater.perf.embedded.TcpFloorAdmin;
import io.highwater.perf.embedded.TcpFloorMain;
import io.highwater.perf.embedded.TcpFloorTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the machine gives: a connection over loopback to another process, which keeps nothing. */
public final class TcpFloorSystem implements ComparedSystem {
  @Override
  public String name() {
    return "tcp";
  }

  @Override
  public boolean supports(Topology topology) {
    return topology == Topology.ONE_BROKER;
  }

  @Override
  public Optional<String> skipReason() {
    return Optional.empty();
  }

  @Override
  public Map<String, String> setup(Purpose purpose) {
    Map<String, String> setup = new LinkedHashMap<>();
    setup.put("what", "blocks of 64 KiB, one byte as answer to each; nothing is kept");
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
      throw new SystemFailureException("tcp has no room: " + e, e);
    }
    ClientJvm client =
        new ClientJvm(
            name(),
            ClientJvm.loadClassPath(),
            ClientJvm.opens(),
            TcpFloorTarget.class.getName(),
            TcpFloorAdmin.class.getName(),
            dataDirectory.resolve("clients.log"));
    return BrokerCluster.start(name(), new Program(), client, layout);
  }

  private record Program() implements BrokerProgram {
    @Override
    public void prepare(ClusterLayout layout, int broker) {
      // It has no files.
    }

    @Override
    public List<String> command(ClusterLayout layout, int broker) {
      String address = layout.address(broker, ClusterLayout.CLIENTS);
      return List.of(
          ClientJvm.java(),
          "-Xmx256m",
          "-cp",
          ClientJvm.loadClassPath(),
          TcpFloorMain.class.getName(),
          address.substring(address.lastIndexOf(':') + 1));
    }
  }
}
