package io.highwater.server.sim;

import io.highwater.client.BrokerAddress;
import io.highwater.client.BrokerChannel;
import io.highwater.client.ClientLoop;
import io.highwater.client.ClientRuntime;
import io.highwater.replication.sim.SimClock;
import io.highwater.replication.sim.SimCluster;
import io.highwater.replication.sim.SimLoop;
import java.util.List;
import java.util.stream.IntStream;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/** A client's process on the simulation's thread and network. */
final class SimRuntime implements ClientRuntime {
  private final Services services;
  private final int node;
  private final SimClock clock;
  private final SimLoop loop;

  SimRuntime(Services services) {
    this.services = services;
    node = services.cluster().clients().nextNode();
    clock = new SimClock(services.cluster().scheduler());
    loop = new SimLoop(services.cluster().scheduler(), clock);
  }

  /** Where brokers listen: the port is the broker's id. */
  static List<BrokerAddress> bootstrap(SimCluster cluster) {
    return IntStream.rangeClosed(1, cluster.size()).mapToObj(SimRuntime::address).toList();
  }

  static BrokerAddress address(int brokerId) {
    return new BrokerAddress("broker-" + brokerId, brokerId);
  }

  SimLoop simLoop() {
    return loop;
  }

  @Override
  public ClientLoop loop() {
    return new ClientLoop() {
      @Override
      public void execute(Runnable task) {
        loop.execute(task);
      }

      @Override
      public Timer schedule(long delayMs, Runnable task) {
        return loop.schedule(delayMs, task)::cancel;
      }

      @Override
      public boolean inLoop() {
        return loop.inLoop();
      }
    };
  }

  @Override
  public EpochClock epochClock() {
    return clock;
  }

  @Override
  public NanoClock nanoClock() {
    return clock;
  }

  @Override
  public double random() {
    return services.cluster().scheduler().random().nextDouble();
  }

  @Override
  public BrokerChannel connect(BrokerAddress address) {
    return new SimChannel(services, new Link(services.cluster(), node, loop, address.port()));
  }

  @Override
  public void close() {
    loop.die();
  }
}
