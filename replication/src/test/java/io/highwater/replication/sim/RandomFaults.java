package io.highwater.replication.sim;

import io.highwater.log.io.SimStorage.Operation;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * A run with faults of all kinds, drawn from the seed, at any distance from each other, so that
 * several are at work at once. Where the flush policy does not cover a loss of power, only one
 * broker loses data at a time, and only while all replicas are in sync: more may be lost by right
 * then.
 */
public final class RandomFaults {
  private static final long MOST_LEAP_MS = TimeUnit.DAYS.toMillis(30);

  private interface Fault {
    void strike(RandomFaults chance);
  }

  private static final List<Fault> FAULTS =
      List.of(
          // Processes.
          chance -> chance.cluster.kill(chance.anyBroker()),
          chance -> chance.cluster.kill(chance.anyLeader()),
          chance -> chance.cluster.kill(chance.controller()),
          RandomFaults::killAll,
          chance -> chance.cluster.restart(chance.anyBroker()),
          chance -> chance.cluster.restart(chance.anyBroker()),
          chance -> chance.cluster.restartAll(),
          chance -> chance.cluster.stopCleanly(chance.anyBroker()),
          chance -> chance.stall(chance.anyBroker()),
          chance -> chance.stall(chance.anyLeader()),
          chance -> chance.stall(chance.controller()),
          chance -> chance.freeze(chance.anyBroker()),
          chance -> chance.freeze(chance.controller()),
          // The control plane.
          chance -> chance.cluster.quorum().depose(),
          chance -> chance.anyMachine().lagBehindMetadata(chance.random.nextInt(3_000)),
          // Replicas on the move.
          chance -> chance.moves.reassign(),
          chance -> chance.moves.reassign(),
          chance -> chance.moves.reassign(),
          chance -> chance.moves.callOff(),
          chance -> chance.moves.drain(),
          chance -> chance.moves.balance(),
          chance -> chance.moves.electPreferred(),
          // The network.
          chance -> chance.cluster.isolate(chance.anyBroker()),
          chance -> chance.cut(chance.anyBroker(), chance.anyBroker()),
          chance -> chance.cut(chance.anyLeader(), chance.controller()),
          chance -> chance.cut(chance.anyClient(), chance.anyBroker()),
          chance -> chance.deafen(chance.controller()),
          chance -> chance.deafen(chance.anyLeader()),
          chance -> chance.cluster.network().healAll(),
          chance -> chance.cluster.network().healAll(),
          chance -> chance.cluster.network().breakStreams(chance.anyBroker(), chance.anyBroker()),
          chance -> chance.cluster.network().breakStreams(chance.anyClient(), chance.anyBroker()),
          RandomFaults::weather,
          // Clocks.
          chance -> chance.anyMachine().clock().runAt(0.5 + 1.5 * chance.random.nextDouble()),
          chance ->
              chance.anyMachine().clock().leap(chance.random.nextLong(-MOST_LEAP_MS, MOST_LEAP_MS)),
          // Power and disks.
          RandomFaults::losePower,
          RandomFaults::losePower,
          RandomFaults::loseAllPower,
          chance -> chance.anyMachine().disk().fail(Operation.WRITE),
          chance -> chance.anyMachine().disk().fail(Operation.FORCE),
          chance -> chance.anyMachine().disk().fail(Operation.READ),
          chance -> chance.anyMachine().disk().tearNextWrite(chance.random.nextInt(100)),
          RandomFaults::breakDisk,
          RandomFaults::breakDisk,
          chance -> chance.anyMachine().disk().fill(),
          chance -> chance.anyMachine().disk().makeRoom(),
          RandomFaults::mendDisks,
          RandomFaults::cutTail,
          RandomFaults::flipBytes,
          RandomFaults::exchangeFiles);

  private final SimCluster cluster;
  private final Random random;
  private final RandomMoves moves;

  RandomFaults(SimCluster cluster) {
    this.cluster = cluster;
    this.moves = new RandomMoves(cluster);
    this.random = cluster.scheduler().random();
  }

  /** Plays one whole run and checks its end. */
  static SimCluster play(long seed, Flaw flaw, int batchesPerProducer, int faults) {
    SimCluster cluster = new SimCluster(seed, flaw);
    play(cluster, batchesPerProducer, faults);
    return cluster;
  }

  /** Starts a cluster, lets faults happen to it, heals it and checks the end. */
  public static void play(SimCluster cluster, int batchesPerProducer, int faults) {
    cluster.start(batchesPerProducer);
    RandomFaults chance = new RandomFaults(cluster);
    for (int i = 0; i < faults; i++) {
      cluster.runFor(chance.random.nextInt(3) == 0 ? 0 : 20 + chance.random.nextInt(300));
      FAULTS.get(chance.random.nextInt(FAULTS.size())).strike(chance);
    }
    cluster.settle();
  }

  private int anyBroker() {
    return 1 + random.nextInt(cluster.size());
  }

  private SimBroker anyMachine() {
    return cluster.broker(anyBroker());
  }

  private int anyLeader() {
    return Math.max(1, cluster.leaderOf(random.nextInt(2)));
  }

  private int controller() {
    return Math.max(1, cluster.quorum().leader().id());
  }

  private int anyClient() {
    return cluster.clients().anyNode();
  }

  private void killAll() {
    for (int id = 1; id <= cluster.size(); id++) {
      cluster.kill(id);
    }
  }

  private void stall(int broker) {
    cluster.broker(broker).loop().stall(50 + random.nextInt(1_500));
  }

  private void freeze(int broker) {
    cluster.broker(broker).loop().freeze(50 + random.nextInt(2_500));
  }

  /** Some of the others do not reach a broker but as a member of the quorum. */
  private void deafen(int broker) {
    for (int other = 1; other <= cluster.size(); other++) {
      if (other != broker && random.nextInt(4) > 0) {
        cluster.network().deafen(other, broker);
      }
    }
  }

  private void cut(int from, int to) {
    cluster.network().block(from, to);
    if (random.nextBoolean()) {
      cluster.network().block(to, from);
    }
  }

  private void weather() {
    cluster.network().quality(0.1, 1 + random.nextInt(40), random.nextDouble() * 0.2);
  }

  private boolean mayLoseDataOfOne() {
    return cluster.isFullyInSync() && cluster.isHealthy();
  }

  private void losePower() {
    if (cluster.flushesBeforeAcknowledging() || mayLoseDataOfOne()) {
      cluster.losePower(anyBroker());
    }
  }

  private void loseAllPower() {
    if (cluster.flushesBeforeAcknowledging()) {
      int last = anyLeader();
      cluster.loseAllPower();
      for (int id = 1; id <= cluster.size() && random.nextBoolean(); id++) {
        if (id != last) {
          cluster.restart(id);
        }
      }
    }
  }

  /** One log directory of a broker is gone; it goes on with the other, or starts with that. */
  private void breakDisk() {
    int broker = anyBroker();
    Path root = SimDisk.ROOTS.get(random.nextInt(SimDisk.ROOTS.size()));
    cluster.broker(broker).disk().breakDown(root);
    if (random.nextBoolean()) {
      cluster.kill(broker);
      cluster.restart(broker);
    }
  }

  /** A broker gets sound disks, with all that was on the old ones, and is restarted. */
  private void mendDisks() {
    int broker = anyBroker();
    cluster.broker(broker).disk().storage().heal();
    cluster.kill(broker);
    cluster.restart(broker);
  }

  /** All die, the leader's log is cut at its end, and the leader is the first to come back. */
  private void cutTail() {
    if (mayLoseDataOfOne()) {
      int leader = anyLeader();
      killAll();
      int bytes = 1 + random.nextInt(300);
      cluster.broker(leader).damage(disk -> disk.cutTails(bytes));
      cluster.restart(leader);
    }
  }

  /** One broker dies, and finds the one partition's files in the place of the other's. */
  private void exchangeFiles() {
    if (mayLoseDataOfOne()) {
      int broker = anyBroker();
      SimDisk.Exchanged[] choice = SimDisk.Exchanged.values();
      SimDisk.Exchanged what = choice[random.nextInt(choice.length)];
      cluster.kill(broker);
      cluster.broker(broker).damage(disk -> disk.exchange(what));
    }
  }

  /** One broker dies, and what it finds on its disk is damaged, wherever that is. */
  private void flipBytes() {
    if (mayLoseDataOfOne()) {
      int broker = anyBroker();
      cluster.kill(broker);
      cluster.broker(broker).damage(disk -> disk.flipBytes(random));
    }
  }
}
