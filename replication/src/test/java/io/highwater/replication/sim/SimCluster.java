package io.highwater.replication.sim;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.Replica;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.TopicImage;
import io.highwater.replication.control.session.SessionConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/** Three brokers, a quorum, a network and clients on one thread, and a hand that breaks things. */
final class SimCluster {
  static final SessionConfig SESSIONS = new SessionConfig(50, 400, 100, 1_000, 1_000);
  static final UUID TOPIC_ID = new UUID(7, 7);
  private static final int BROKERS = 3;
  private static final int PARTITIONS = 2;

  private final long seed;
  private final Flaw flaw;
  private final SimScheduler scheduler;
  private final SimNetwork network;
  private final SimQuorum quorum;
  private final List<SimBroker> brokers = new ArrayList<>();
  private final List<SimClient> clients = new ArrayList<>();
  private final History history = new History();
  private final InvariantChecker checker;
  private int nextClient = 101;

  SimCluster(long seed, Flaw flaw) {
    this.seed = seed;
    this.flaw = flaw;
    scheduler = new SimScheduler(seed);
    network = new SimNetwork(scheduler);
    for (int id = 1; id <= BROKERS; id++) {
      brokers.add(new SimBroker(id, this));
    }
    quorum = new SimQuorum(scheduler, network, BROKERS, id -> broker(id).isAlive());
    checker = new InvariantChecker(this);
    scheduler.afterEach(checker::check);
  }

  int size() {
    return BROKERS;
  }

  Flaw flaw() {
    return flaw;
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

  List<SimClient> clients() {
    return clients;
  }

  /**
   * Starts everything: brokers, a topic of two partitions with minISR 2, a client for each. Odd
   * seeds acknowledge only what is flushed.
   */
  void start(int batchesPerClient) {
    quorum.apply(new MetadataCommand.FormatCluster(SimBroker.CLUSTER_ID));
    brokers.forEach(SimBroker::start);
    quorumTicks();
    MetadataCommand create =
        new MetadataCommand.CreateTopic(
            "orders",
            TOPIC_ID,
            List.of(List.of(1, 2, 3), List.of(2, 3, 1)),
            Map.of("min.insync.replicas", "2", "flush.policy", seed % 2 == 0 ? "os" : "group"));
    runUntil(
        "a topic can be created",
        10_000,
        () ->
            quorum.image().brokers().stream().filter(b -> !b.fenced()).count() == BROKERS
                && quorum.apply(create) instanceof CommandResult.Accepted);
    startClients(batchesPerClient);
  }

  /** Lets new clients take the place of the old ones, if there were any. */
  void startClients(int batchesPerClient) {
    clients.forEach(SimClient::stop);
    clients.clear();
    for (int i = 0; i < PARTITIONS; i++) {
      SimClient client = new SimClient(nextClient++, this, partition(i), batchesPerClient);
      clients.add(client);
      client.start();
    }
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
      byte[] batch = SimClient.batchOf(nextClient++);
      leader
          .loop()
          .run(
              () ->
                  leader.produce(
                      partition,
                      batch,
                      -1,
                      (error, epoch) -> appended[0] = error == ErrorCode.NONE));
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
            where() + "not in " + atMostMs + " ms: " + what + "\n" + describe());
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
        + " (-Dhighwater.sim.seed="
        + seed
        + ") at "
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

  void losePower(int id) {
    if (broker(id).isAlive()) {
      broker(id).losePower();
    }
  }

  /** Every machine loses power at once, which may lose what nobody had flushed. */
  void loseAllPower() {
    clients.forEach(SimClient::stop);
    checker.allPowerLost();
    brokers.forEach(broker -> losePower(broker.id()));
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

  /** Heals everything and waits until the clients are done and all replicas are equal. */
  void settle() {
    network.healAll();
    network.quality(0.1, 2, 0);
    restartAll();
    runUntil(
        "everything acknowledged, all in sync, all read",
        30_000,
        () -> {
          // A clean stop may have been under way.
          restartAll();
          return clients.stream().allMatch(SimClient::isDone) && isFullyInSync() && areEqual();
        });
    guarded(checker::checkEnd);
  }

  private boolean areEqual() {
    for (int partition = 0; partition < PARTITIONS; partition++) {
      long committed = checker.highWatermark(partition(partition));
      if (clients.get(partition).position() != committed) {
        return false;
      }
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
        Replica replica =
            broker.replicas() == null ? null : broker.replicas().replica(partition(partition));
        text.append("  broker ").append(broker.id()).append(broker.isAlive() ? " up " : " down ");
        if (replica != null) {
          text.append(replica.role())
              .append(" epoch ")
              .append(replica.leaderEpoch())
              .append(' ')
              .append(replica.log().offsets())
              .append(' ')
              .append(replica.log().epochs())
              .append(replica.followerState() == null ? "" : " " + replica.followerState().phase())
              .append(
                  replica.leaderState() == null
                      ? ""
                      : " maximal " + replica.leaderState().inSync().maximal());
        }
        text.append('\n');
      }
      if (!clients.isEmpty()) {
        text.append("  client acknowledged ")
            .append(clients.get(partition).acknowledged())
            .append(" read to ")
            .append(clients.get(partition).position())
            .append(" of ")
            .append(checker.highWatermark(partition(partition)))
            .append('\n');
      }
    }
    return text.toString();
  }
}
