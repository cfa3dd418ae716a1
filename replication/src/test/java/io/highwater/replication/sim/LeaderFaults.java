package io.highwater.replication.sim;

/** Leaders that suffer one after the other, in ways that pure chance strikes too seldom. */
final class LeaderFaults {
  private static final int BATCHES = 40;
  private static final int ROUNDS = 4;
  private static final int DEATHS = 6;
  private static final int MOST_LATE_MS = 40;
  private static final double MISCHIEF = 0.2;

  private LeaderFaults() {}

  /** All die again and again; each time a leader's log ends earlier, and it comes back first. */
  static void cutTails(long seed, Flaw flaw) {
    SimCluster cluster = started(seed, flaw);
    for (int round = 0; round < ROUNDS; round++) {
      cluster.runFor(150);
      cluster.runUntil("all are well", 3_000, () -> cluster.isFullyInSync() && cluster.isHealthy());
      int leader = cluster.leaderOf(round % SimCluster.PARTITIONS);
      cluster.killAll();
      cluster.broker(leader).damage(disk -> disk.cutTails(300));
      cluster.restart(leader);
      cluster.runFor(50);
      cluster.restartAll();
      cluster.runFor(600);
    }
    cluster.settle();
  }

  /** Leaders die in turn, while what was sent in their epochs comes late, twice or not at all. */
  static void deathsInBadWeather(long seed, Flaw flaw) {
    SimCluster cluster = started(seed, flaw);
    cluster.network().quality(0.1, MOST_LATE_MS, MISCHIEF);
    for (int death = 0; death < DEATHS; death++) {
      cluster.kill(Math.max(1, cluster.leaderOf(death % SimCluster.PARTITIONS)));
      cluster.runFor(700);
      cluster.restartAll();
      cluster.runFor(300);
    }
    cluster.settle();
  }

  private static SimCluster started(long seed, Flaw flaw) {
    SimCluster cluster = new SimCluster(seed, flaw);
    cluster.start(BATCHES);
    cluster.runUntil("everybody is there", 3_000, cluster::isFullyInSync);
    return cluster;
  }
}
