package io.highwater.server.sim;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.sim.Cast;
import io.highwater.replication.sim.Flaw;
import io.highwater.replication.sim.RandomFaults;
import io.highwater.replication.sim.SimActor;
import io.highwater.replication.sim.SimBroker;
import io.highwater.replication.sim.SimCluster;
import java.util.List;

/** The real clients of each partition: a producer, and readers from its leader and elsewhere. */
final class RealClients implements Cast {
  private static final int BATCHES = 24;
  private static final int FAULTS = 16;

  private final ClientFlaw flaw;
  private Services services;

  private RealClients(ClientFlaw flaw) {
    this.flaw = flaw;
  }

  static SimCluster cluster(long seed, ClientFlaw flaw) {
    return new SimCluster(seed, Flaw.NONE, new RealClients(flaw));
  }

  /** Plays one whole run and checks its end. */
  static void play(SimCluster cluster) {
    RandomFaults.play(cluster, BATCHES, FAULTS);
  }

  @Override
  public List<SimActor> clientsOf(SimCluster cluster, TopicIdPartition partition, int batches) {
    if (services == null) {
      services = new Services(cluster, flaw);
    }
    int nearest = 1 + cluster.scheduler().random().nextInt(cluster.size());
    return List.of(
        new RealProducer(services, partition, 3 * batches),
        new RealConsumer(services, partition, ""),
        new RealConsumer(services, partition, SimBroker.rack(nearest)));
  }
}
