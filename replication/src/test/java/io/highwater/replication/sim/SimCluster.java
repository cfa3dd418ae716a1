package io.highwater.replication.sim;

import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.Replica;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.TopicImage;
import io.highwater.replication.control.session.SessionConfig;
import io.highwater.replication.sim.history.Anomaly;
import io.highwater.replication.sim.history.ClientHistory;
import io.highwater.replication.sim.history.HistoryChecker;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/** Three brokers, a quorum, a network and clients on one thread, and a hand that breaks things. */
final class SimCluster {
  static final SessionConfig SESSIONS = new SessionConfig(50, 400, 100, 1_000, 1_000);
  static final UUID TOPIC_ID = new UUID(7, 7);
  static final int FIRST_CLIENT = 101;
  private static final int BROKERS = 3;
  private static final int PARTITIONS = 2;
  private static final int MIN_ISR = 2;

  /** REP-8: in virtual time, from the end of all faults on. */
  private static final long SETTLE_MS = 20_000;

  private final long seed;
  private final Sabotage sabotage;
  private final SimScheduler scheduler;
  private final SimNetwork network;
  private final SimQuorum quorum;
  private final List<SimBroker> brokers = new ArrayList<>();
  private final List<SimProducer> producers = new ArrayList<>();
  private final List<SimConsumer> consumers = new ArrayList<>();
  private final History history = new History();
  private final Map<TopicIdPartition, ClientHistory> clientHistories = new LinkedHashMap<>();
  private final InvariantChecker checker;
  private int nextNode = FIRST_CLIENT;
  private int nextProcess = 1;

  SimCluster(long seed, Flaw flaw) {
    this.seed = seed;
    sabotage = new Sabotage(flaw);
    scheduler = new SimScheduler(seed);
    network = new SimNetwork(scheduler);
    for (int id = 1; id <= BROKERS; id++) {
      brokers.add(new SimBroker(id, this));
    }
    quorum = new SimQuorum(scheduler, network, BROKERS, id -> broker(id).runs(), sabotage);
    checker = new InvariantChecker(this);
    scheduler.afterEach(checker::check);
  }

  int size() {
    return BROKERS;
  }

  Sabotage sabotage() {
    return sabotage;
  }

  SimScheduler scheduler() {
    return scheduler;
  }

  SimNetwork network() {
    return network;
  }

  SimQuorum quorum() {
    return quorum;
  }

  History history() {
    return history;
  }

  InvariantChecker checker() {
    return checker;
  }

  SimBroker broker(int id) {
    return brokers.get(id - 1);
  }

  /** What the clients of a partition did and were told. */
  ClientHistory clientHistory(TopicIdPartition partition) {
    return clientHistories.computeIfAbsent(partition, unused -> new ClientHistory());
  }

  /** A number for a client's process, and for its idempotent producer. */
  int nextProcess() {
    return nextProcess++;
  }

  /** How many clients there were, from node {@link #FIRST_CLIENT} on. */
  int clients() {
    return nextNode - FIRST_CLIENT;
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
    quorum.apply(new MetadataCommand.FormatCluster(SimBroker.CLUSTER_ID));
    brokers.forEach(SimBroker::start);
    quorumTicks();
    MetadataCommand create =
        new MetadataCommand.CreateTopic(
            "orders",
            TOPIC_ID,
            List.of(List.of(1, 2, 3), List.of(2, 3, 1)),
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
    startClients(batchesPerProducer);
  }

  /** Lets new clients take the place of the old ones, if there were any. */
  void startClients(int batchesPerProducer) {
    stopClients();
    for (int i = 0; i < PARTITIONS; i++) {
      add(SimProducer.Kind.PATIENT, partition(i), batchesPerProducer);
      add(SimProducer.Kind.PATIENT, partition(i), batchesPerProducer / 2);
      add(SimProducer.Kind.IMPATIENT, partition(i), batchesPerProducer / 2);
      add(SimProducer.Kind.LEADER_ONLY, partition(i), batchesPerProducer / 2);
      consumers.add(new SimConsumer(nextNode++, this, partition(i), 0));
      consumers.add(new SimConsumer(nextNode++, this, partition(i), 0.05));
    }
    producers.forEach(SimProducer::start);
    consumers.forEach(SimConsumer::start);
  }

  private void add(SimProducer.Kind kind, TopicIdPartition partition, int batches) {
    producers.add(new SimProducer(kind, nextNode++, this, partition, batches));
  }

  private void stopClients() {
    producers.forEach(SimProducer::stop);
    producers.clear();
    stopConsumers();
  }

  private void stopConsumers() {
    consumers.forEach(SimConsumer::stop);
    consumers.clear();
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
      byte[] batch = Payload.batch(nextProcess++, 0, 1, 1, scheduler.nowMs(), scheduler.random());
      leader
          .loop()
          .run(
              () ->
                  leader.produce(
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

  private void guarded(Runnable run) {
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

  void kill(int id) {
    if (broker(id).isAlive()) {
      broker(id).kill();
    }
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
      stopClients();
      checker.allPowerLost();
    }
    brokers.forEach(broker -> losePower(broker.id()));
  }

  /** The loss is over: from here on nothing more may be lost. */
  void lossIsOver() {
    checker.lossIsOver();
    clientHistories.values().forEach(ClientHistory::forget);
  }

  void restart(int id) {
    if (!broker(id).isAlive()) {
      guarded(() -> broker(id).start());
    }
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

  int leaderOf(int partition) {
    return image(partition).leader();
  }

  /** Whether every broker lives and none may have lost data since its last registration. */
  boolean isHealthy() {
    return brokers.stream().allMatch(b -> b.isAlive() && !b.mayHaveLostData());
  }

  boolean isFullyInSync() {
    TopicImage topic = quorum.image().topic(TOPIC_ID);
    return topic != null && topic.partitions().stream().allMatch(p -> p.isr().size() == BROKERS);
  }

  /**
   * Heals everything, waits until the producers are done and all replicas are equal, lets new
   * readers read it all, and judges (REP-8).
   */
  void settle() {
    network.healAll();
    network.quality(0.1, 2, 0);
    brokers.forEach(SimBroker::heal);
    restartAll();
    runUntil(
        "everything acknowledged, all in sync",
        SETTLE_MS,
        () -> {
          // A clean stop, or the end after a failure of the disk, may have been under way.
          restartAll();
          return producers.stream().allMatch(SimProducer::isDone) && isFullyInSync() && areEqual();
        });
    stopConsumers();
    clientHistories.values().forEach(ClientHistory::endsNow);
    for (int i = 0; i < PARTITIONS; i++) {
      consumers.add(new SimConsumer(nextNode++, this, partition(i), 0));
    }
    consumers.forEach(SimConsumer::start);
    runUntil(
        "everything read",
        SETTLE_MS,
        () -> {
          restartAll();
          return isAllRead() && areEqual();
        });
    guarded(checker::checkEnd);
    guarded(this::checkHistories);
  }

  private void checkHistories() {
    clientHistories.forEach(
        (partition, clients) -> {
          List<Anomaly> anomalies = HistoryChecker.check(clients);
          if (!anomalies.isEmpty()) {
            throw new AssertionError("partition " + partition.partition() + ": " + anomalies);
          }
        });
  }

  private boolean isAllRead() {
    for (int partition = 0; partition < PARTITIONS; partition++) {
      if (consumers.get(partition).position() != checker.highWatermark(partition(partition))) {
        return false;
      }
    }
    return true;
  }

  private boolean areEqual() {
    for (int partition = 0; partition < PARTITIONS; partition++) {
      long committed = checker.highWatermark(partition(partition));
      for (SimBroker broker : brokers) {
        Replica replica = broker.replicas().replica(partition(partition));
        if (replica == null
            || replica.log().logEndOffset() != committed
            || replica.highWatermark() != committed) {
          return false;
        }
      }
    }
    return true;
  }

  private String describe() {
    StringBuilder text = new StringBuilder();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      text.append(image(partition)).append('\n');
      for (SimBroker broker : brokers) {
        text.append("  ").append(broker.describe(partition(partition))).append('\n');
      }
      text.append("  committed ").append(checker.highWatermark(partition(partition))).append('\n');
    }
    text.append(quorum.leader()).append('\n');
    quorum.image().brokers().forEach(broker -> text.append(broker).append('\n'));
    consumers.forEach(c -> text.append("  read up to ").append(c.position()).append('\n'));
    return text.toString();
  }
}
