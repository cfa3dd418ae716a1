package io.highwater.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.LogDirectories;
import io.highwater.log.LogDirectory;
import io.highwater.log.io.SimStorage;
import io.highwater.log.space.SpaceLimits;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.core.LeaderState;
import io.highwater.replication.follower.ReconnectBackoff;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A disk without space is a state that passes, and no reason to give a partition up. */
class ReplicasFullDiskTest {
  private static final int BROKER = 1;
  private static final long TICK_MS = 100;
  private static final UUID INCARNATION = new UUID(1, 1);
  private static final UUID TOPIC = new UUID(7, 7);
  private static final TopicIdPartition FIRST = new TopicIdPartition(TOPIC, 0);

  private final SimStorage storage = new SimStorage();
  private final Loop loop = new Loop();
  private final List<HighwaterException> failures = new ArrayList<>();
  private final ClusterState cluster = new ClusterState(ClusterImage.EMPTY);
  private final LogDirectory logs =
      LogDirectory.open(Path.of("/data"), storage, loop::nowMs, BROKER, () -> new UUID(1, 0));
  private final NoLog metadata = new NoLog();
  private long index;
  private long nsPerLook;

  private final Replicas replicas =
      new Replicas(
          new ReplicasConfig(
              BROKER,
              INCARNATION,
              new LeaderState.Patience(500, 500, 50),
              TICK_MS,
              10,
              new ReconnectBackoff(5, 100),
              2_048,
              6_000,
              2,
              60_000,
              60_000,
              SpaceLimits.NONE,
              0),
          LogDirectories.of(logs),
          loop,
          Runnable::run,
          Runnable::run,
          this::nanoTime,
          new Random(1),
          (leader, hello, listener) -> {
            throw new AssertionError("nobody is followed");
          },
          metadata,
          (partition, failure) -> failures.add(failure));

  @AfterEach
  void close() {
    replicas.close();
    logs.close();
  }

  private long nanoTime() {
    loop.nowNs += nsPerLook;
    return loop.nowNs;
  }

  private long apply(MetadataCommand command) {
    CommandResult result = cluster.apply(++index, command);
    assertThat(result).isInstanceOf(CommandResult.Accepted.class);
    replicas.onImage(cluster.image());
    if (nsPerLook == 0) {
      loop.turn();
    }
    return index;
  }

  private long register() {
    BrokerRegistration known = cluster.image().broker(BROKER);
    long expectedEpoch = known == null ? -1 : known.epoch();
    return apply(
        new MetadataCommand.RegisterBroker(
            BROKER, INCARNATION, new UUID(1, 0), -1, expectedEpoch, Map.of(), "test"));
  }

  private void createTopic(int partitions) {
    List<List<Integer>> assignments = new ArrayList<>();
    for (int i = 0; i < partitions; i++) {
      assignments.add(List.of(BROKER));
    }
    apply(new MetadataCommand.CreateTopic("orders", TOPIC, assignments, Map.of()));
  }

  private void start() {
    apply(new MetadataCommand.FormatCluster("test"));
    register();
    replicas.start();
    loop.turn();
  }

  private Replica.Role role() {
    return replicas.replica(FIRST).role();
  }

  @Test
  void aTopicCreatedOnAFullDiskIsLedOnceThereIsSpace() {
    start();
    storage.limitBytes(storage.usedBytes());
    createTopic(1);
    assertThat(failures).isEmpty();
    storage.limitBytes(Long.MAX_VALUE);
    loop.pass(TICK_MS);
    assertThat(role()).isEqualTo(Replica.Role.LEADER);
  }

  @Test
  void anEpochThatCannotBeRecordedIsTakenUpOnceThereIsSpace() {
    start();
    createTopic(1);
    assertThat(role()).isEqualTo(Replica.Role.LEADER);
    int before = replicas.replica(FIRST).leaderEpoch();
    apply(new MetadataCommand.FenceBroker(BROKER, replicas.brokerEpoch()));
    storage.limitBytes(storage.usedBytes());
    register();
    assertThat(role()).isEqualTo(Replica.Role.IDLE);
    loop.pass(TICK_MS);
    assertThat(role()).isEqualTo(Replica.Role.IDLE);
    storage.limitBytes(Long.MAX_VALUE);
    loop.pass(TICK_MS);
    assertThat(role()).isEqualTo(Replica.Role.LEADER);
    assertThat(replicas.replica(FIRST).leaderEpoch()).isGreaterThan(before);
    assertThat(failures).isEmpty();
  }

  @Test
  void aTopicDeletedOnAFullDiskIsConfirmedToBeGoneOnceThereIsSpace() {
    start();
    createTopic(1);
    logs.checkpoint();
    isConfirmedOnceThereIsSpace(
        new MetadataCommand.DeleteTopic(TOPIC),
        new MetadataCommand.ConfirmRemoval(BROKER, replicas.brokerEpoch(), List.of(TOPIC)));
  }

  @Test
  void aReplicaThatMovedFromAFullDiskIsConfirmedToBeGoneOnceThereIsSpace() {
    int other = 2;
    start();
    apply(
        new MetadataCommand.RegisterBroker(
            other, new UUID(2, 1), new UUID(2, 0), -1, -1, Map.of(), "test"));
    apply(
        new MetadataCommand.CreateTopic(
            "orders", TOPIC, List.of(List.of(other, BROKER)), Map.of()));
    logs.checkpoint();
    isConfirmedOnceThereIsSpace(
        new MetadataCommand.AlterReassignments(
            List.of(new MetadataCommand.AlterReassignments.Target(FIRST, List.of(other)))),
        new MetadataCommand.ConfirmReplicaRemoval(BROKER, replicas.brokerEpoch(), List.of(FIRST)));
  }

  /** No image comes meanwhile. */
  private void isConfirmedOnceThereIsSpace(MetadataCommand leave, MetadataCommand confirmation) {
    storage.limitBytes(0);
    apply(leave);
    passTicks();
    assertThat(metadata.submitted()).doesNotContain(confirmation);
    storage.limitBytes(Long.MAX_VALUE);
    passTicks();
    assertThat(metadata.submitted()).contains(confirmation);
  }

  private void passTicks() {
    for (long ms = 0; ms < 2 * RetryPace.RETRY_MS; ms += TICK_MS) {
      loop.pass(TICK_MS);
    }
  }

  @Test
  void manyPartitionsTakeSeveralTurnsBetweenWhichTheLoopIsFree() {
    start();
    nsPerLook = TimeUnit.MILLISECONDS.toNanos(10);
    createTopic(40);
    loop.turn();
    assertThat(replicas.replicas()).hasSizeLessThan(40);
    for (int turns = 0; turns < 40; turns++) {
      loop.pass(1);
    }
    assertThat(replicas.replicas())
        .hasSize(40)
        .allMatch(replica -> replica.role() == Replica.Role.LEADER);
  }

  /** Turns and time by hand. */
  private static final class Loop implements OwnerLoop {
    private record Timer(long atMs, Runnable task) {}

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final List<Timer> timers = new ArrayList<>();
    private long nowNs;

    long nowMs() {
      return TimeUnit.NANOSECONDS.toMillis(nowNs);
    }

    void turn() {
      while (!tasks.isEmpty()) {
        tasks.poll().run();
      }
    }

    void pass(long ms) {
      nowNs += TimeUnit.MILLISECONDS.toNanos(ms);
      List<Timer> due = timers.stream().filter(timer -> timer.atMs <= nowMs()).toList();
      timers.removeAll(due);
      due.forEach(timer -> timer.task.run());
      turn();
    }

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }

    @Override
    public Cancellable schedule(long delayMs, Runnable task) {
      Timer timer = new Timer(nowMs() + delayMs, task);
      timers.add(timer);
      return () -> timers.remove(timer);
    }

    @Override
    public boolean inLoop() {
      return true;
    }
  }
}
