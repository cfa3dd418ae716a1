package io.highwater.replication.sim;

import java.util.Random;

/**
 * A run with faults of all kinds, drawn from the seed: process kills, stalls, partitions of the
 * network in both directions or one, broken streams, bad weather, clean restarts, and power loss of
 * one broker at a time while all replicas are in sync (more may lose data by right).
 */
final class RandomFaults {
  private final SimCluster cluster;
  private final Random random;

  RandomFaults(SimCluster cluster) {
    this.cluster = cluster;
    this.random = cluster.scheduler().random();
  }

  /** Plays one whole run and checks its end. */
  static SimCluster play(long seed, Flaw flaw, int batchesPerClient, int faults) {
    SimCluster cluster = new SimCluster(seed, flaw);
    cluster.start(batchesPerClient);
    go(cluster, faults);
    return cluster;
  }

  /** Lets faults happen to a running cluster, then heals it and checks the end. */
  static void go(SimCluster cluster, int faults) {
    RandomFaults chance = new RandomFaults(cluster);
    for (int i = 0; i < faults; i++) {
      cluster.runFor(20 + chance.random.nextInt(300));
      chance.next();
    }
    cluster.settle();
  }

  private int anyBroker() {
    return 1 + random.nextInt(cluster.size());
  }

  private void next() {
    int broker = anyBroker();
    int other = anyBroker();
    switch (random.nextInt(14)) {
      case 0, 1 -> cluster.kill(broker);
      case 2 -> cluster.kill(Math.max(1, cluster.leaderOf(random.nextInt(2))));
      case 3, 4 -> cluster.restart(broker);
      case 5 -> cluster.restartAll();
      case 6 -> cluster.isolate(broker);
      case 7 -> cluster.network().block(broker, other);
      case 8 -> cluster.network().healAll();
      case 9 -> cluster.broker(broker).loop().stall(50 + random.nextInt(1_000));
      case 10 -> cluster.network().breakStreams(broker, other);
      case 11 -> cluster.network().quality(0.1, 1 + random.nextInt(40), random.nextDouble() * 0.2);
      case 12 -> {
        if (cluster.isFullyInSync() && cluster.isHealthy()) {
          cluster.losePower(broker);
        }
      }
      default -> {
        if (cluster.broker(broker).isAlive()) {
          cluster.broker(broker).stopCleanly();
        }
      }
    }
  }
}
