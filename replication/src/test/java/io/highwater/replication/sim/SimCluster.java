package io.highwater.replication.sim;

import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.Feature;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataCommand.AlterReassignments;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.TopicImage;
import io.highwater.replication.control.session.SessionConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/** Brokers, a quorum, a network and clients on one thread, and a hand that breaks things. */
public final class SimCluster {
  static final SessionConfig SESSIONS = new SessionConfig(50, 400, 100, 1_000, 1_000);

  /** The topic that clients use. */
  public static final String TOPIC = "orders";

  static final UUID TOPIC_ID = new UUID(7, 7);
  static final int PARTITIONS = 2;
  static final int MIN_ISR = 2;

  /** One more than a partition has replicas, so that these can move. */
  private static final int BROKERS = 4;

  /** Those of the brokers that are controllers, the first ones. */
  private static final int CONTROLLERS = 3;

  private final long seed;
  private final Sabotage sabotage;
  private final SimScheduler scheduler;
  private final SimNetwork network;
  private final SimQuorum quorum;
  private final List<SimBroker> brokers = new ArrayList<>();
  private final SimClients clients;
  private final History history = new History();
  private final InvariantChecker checker;

  /** With the simulation's own clients alone. */
  public SimCluster(long seed, Flaw flaw) {
    this(seed, flaw, (cluster, partition, batches) -> List.of());
  }

  /**
   * @param cast more clients of each partition
   */
  public SimCluster(long seed, Flaw flaw, Cast cast) {
    this.seed = seed;
    clients = new SimClients(this, cast);
    sabotage = new Sabotage(flaw);
    scheduler = new SimScheduler(seed);
    network = new SimNetwork(scheduler);
    for (int id = 1; id <= BROKERS; id++) {
      brokers.add(new SimBroker(id, this));
    }
    quorum = new SimQuorum(scheduler, network, CONTROLLERS, id -> broker(id).runs(), sabotage);
    checker = new InvariantChecker(this);
    scheduler.afterEach(checker::check);
  }

  /** How many brokers there are, from 1 on. */
  public int size() {
    return BROKERS;
  }

  Sabotage sabotage() {
    return sabotage;
  }

  /** Time and chance. */
  public SimScheduler scheduler() {
    return scheduler;
  }

  /** Who reaches whom. */
  public SimNetwork network() {
    return network;
  }

  SimQuorum quorum() {
    return quorum;
  }

  /** What brokers told clients. */
  public History history() {
    return history;
  }

  InvariantChecker checker() {
    return checker;
  }

  /** A broker by its id. */
  public SimBroker broker(int id) {
    return brokers.get(id - 1);
  }

  /** All clients. */
  public SimClients clients() {
    return clients;
  }

  int minIsr(TopicIdPartition partition) {
    return partition.topicId().equals(TOPIC_ID) ? MIN_ISR : 1;
  }

  /** Whether only what is flushed is acknowledged, so that no loss of power loses anything. */
  boolean flushesBeforeAcknowledging() {
    return seed % 2 != 0;
  }

  /**
   * Starts everything: brokers, a topic of two partitions with minISR 2, its clients. Odd seeds
   * acknowledge only what is flushed.
   */
  void start(int batchesPerProducer) {
    quorum.apply(new MetadataCommand.FormatCluster(SimBroker.CLUSTER_ID, Feature.newest()));
    brokers.forEach(SimBroker::start);
    quorumTicks();
    MetadataCommand create =
        new MetadataCommand.CreateTopic(
            TOPIC,
            TOPIC_ID,
            List.of(List.of(1, 2, 3), List.of(2, 3, 4)),
            Map.of(
                "min.insync.replicas",
                String.valueOf(MIN_ISR),
                "flush.policy",
                flushesBeforeAcknowledging() ? "group" : "os",
                // A wall clock that leapt while a broker was down makes its data old.
                "retention.ms",
                "-1"));
    runUntil(
        "a topic can be created",
        10_000,
        () ->
            quorum.image().brokers().stream().filter(b -> !b.fenced()).count() == BROKERS
                && quorum.apply(create) instanceof CommandResult.Accepted);
    clients.start(batchesPerProducer);
  }

  /** Creates a topic of one partition; false while a broker is missing. */
  boolean create(String name, UUID topicId) {
    return quorum.apply(
            new MetadataCommand.CreateTopic(
                name, topicId, List.of(List.of(1, 2, 3)), Map.of("min.insync.replicas", "1")))
        instanceof CommandResult.Accepted;
  }

  /** Appends a batch to a partition at its leader; false while there is none. */
  boolean append(TopicIdPartition partition) {
    PartitionImage image = quorum.image().partition(partition);
    SimBroker leader = image.hasLeader() ? broker(image.leader()) : null;
    boolean[] appended = new boolean[1];
    if (leader != null && leader.replicas() != null) {
      byte[] batch =
          Payload.batch(clients.nextProcess(), 0, 1, 1, scheduler.nowMs(), scheduler.random());
      leader
          .loop()
          .run(
              () ->
                  leader
                      .requests()
                      .produce(
                          partition,
                          batch,
                          -1,
                          Acks.ALL,
                          reply -> appended[0] = reply.error() == ErrorCode.NONE));
    }
    runFor(50);
    return appended[0];
  }

  private void quorumTicks() {
    quorum.tick();
    scheduler.after(50_000_000, "quorum", this::quorumTicks);
  }

  static TopicIdPartition partition(int number) {
    return new TopicIdPartition(TOPIC_ID, number);
  }

  PartitionImage image(int partition) {
    return quorum.image().partition(partition(partition));
  }

  void runFor(long durationMs) {
    guarded(() -> scheduler.runFor(durationMs));
  }

  /** Runs until something holds; fails when it does not in time (REP-8). */
  void runUntil(String what, long atMostMs, BooleanSupplier holds) {
    long endMs = scheduler.nowMs() + atMostMs;
    while (!holds.getAsBoolean()) {
      if (scheduler.nowMs() > endMs) {
        throw new AssertionError(
            where() + "REP-8: not in " + atMostMs + " ms: " + what + "\n" + describe());
      }
      runFor(10);
    }
  }

  /** Runs something that may fail, so that its failure says where. */
  void guarded(Runnable run) {
    try {
      run.run();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(where() + e.getMessage() + "\n" + describe(), e);
    }
  }

  private String where() {
    return "seed "
        + seed
        + " at "
        + scheduler.nowMs()
        + " ms, event "
        + scheduler.executed()
        + ": ";
  }

  // ---- What the scenarios do

  /** Begins to move a partition. */
  void move(TopicIdPartition partition, Integer... replicas) {
    AlterReassignments.Target target = new AlterReassignments.Target(partition, List.of(replicas));
    quorum.apply(new AlterReassignments(List.of(target)));
  }

  void kill(int id) {
    if (broker(id).isAlive()) {
      broker(id).kill();
    }
  }

  void killAll() {
    brokers.forEach(broker -> kill(broker.id()));
  }

  void stopCleanly(int id) {
    if (broker(id).isAlive()) {
      broker(id).stopCleanly();
    }
  }

  void losePower(int id) {
    if (broker(id).isAlive()) {
      broker(id).losePower();
    }
  }

  /**
   * Every machine loses power at once. What nobody had flushed may be gone, unless that was not
   * acknowledged either.
   */
  void loseAllPower() {
    if (!flushesBeforeAcknowledging()) {
      clients.stop();
      checker.allPowerLost();
    }
    brokers.forEach(broker -> losePower(broker.id()));
  }

  /** The loss is over: from here on nothing more may be lost. */
  void lossIsOver() {
    checker.lossIsOver();
    clients.forget();
  }

  void restart(int id) {
    if (!broker(id).isAlive()) {
      guarded(() -> broker(id).start());
    }
  }

  /** Whoever lost a log directory is restarted, now that its disks are sound. */
  void restartImpaired() {
    brokers.stream().filter(SimBroker::lacksDirectory).forEach(broker -> kill(broker.id()));
    restartAll();
  }

  void restartAll() {
    for (int id = 1; id <= BROKERS; id++) {
      restart(id);
    }
  }

  /** Cuts a broker off from all other brokers, and with them from the quorum; not from clients. */
  void isolate(int id) {
    for (int other = 1; other <= BROKERS; other++) {
      if (other != id) {
        network.block(id, other);
        network.block(other, id);
      }
    }
  }

  /** How many brokers ever went on without one of their log directories. */
  long impaired() {
    return brokers.stream().filter(SimBroker::wasImpaired).count();
  }

  int leaderOf(int partition) {
    return image(partition).leader();
  }

  /** Whether somebody ever put sound batches in the place of others. */
  boolean mayDiffer() {
    return brokers.stream().anyMatch(broker -> broker.disk().mayDiffer());
  }

  /** Whether every broker lives and none may have lost data since its last registration. */
  boolean isHealthy() {
    return brokers.stream()
        .allMatch(b -> b.isAlive() && !b.mayHaveLostData() && !b.lacksDirectory());
  }

  /** Whether all replicas are in sync, also those that a reassignment brings. */
  boolean isFullyInSync() {
    return partitions().stream().allMatch(p -> p.isr().size() == p.replicas().size());
  }

  /** The partitions that clients use; none before they are created. */
  List<PartitionImage> partitions() {
    TopicImage topic = quorum.image().topic(TOPIC_ID);
    return topic == null ? List.of() : topic.partitions();
  }

  void heal() {
    network.healAll();
    network.quality(0.1, 2, 0);
    brokers.forEach(SimBroker::heal);
    restartImpaired();
  }

  /** Heals everything and demands that all is well again, and was all the time (REP-8). */
  void settle() {
    heal();
    new Settlement(this).await();
  }

  private String describe() {
    StringBuilder text = new StringBuilder();
    for (PartitionImage partition : partitions()) {
      TopicIdPartition id = partition(partition.partition());
      text.append(partition).append('\n');
      for (SimBroker broker : brokers) {
        text.append("  ").append(broker.describe(id)).append('\n');
      }
      text.append("  committed ").append(checker.highWatermark(id)).append('\n');
    }
    text.append(quorum.leader()).append('\n');
    quorum.image().brokers().forEach(broker -> text.append(broker).append('\n'));
    return text.append(clients.describe()).toString();
  }
}
