package io.highwater.replication;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.LogDirectories;
import io.highwater.log.LogDirectory;
import io.highwater.log.io.SimStorage;
import io.highwater.log.space.SpaceLimits;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.Codec;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.core.HighWatermark;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a broker does with many partitions at once costs few syncs, and none on its loop. */
class ReplicasDiskTest {
  private static final int BROKER = 1;
  private static final Path ROOT = Path.of("/data");
  private static final UUID INCARNATION = new UUID(1, 1);
  private static final UUID TOPIC = new UUID(7, 7);
  private static final UUID NEXT_TOPIC = new UUID(7, 8);

  private final SimStorage storage = new SimStorage();
  private final ManualLoop loop = new ManualLoop();
  private final ArrayDeque<Runnable> disk = new ArrayDeque<>();
  private final ClusterState cluster = new ClusterState(ClusterImage.EMPTY);
  private final List<Path> synced = new ArrayList<>();
  private final LogDirectory logs =
      LogDirectory.open(ROOT, storage, loop::nowMs, BROKER, () -> new UUID(1, 0));

  /** Whether each look at the clock takes a ms. */
  private boolean ticking;

  private long ticks;

  private final Replicas replicas =
      ReplicasUnderTest.create(
          new ReplicasConfig(
              BROKER,
              INCARNATION,
              new LeaderState.Patience(500, 500, 50),
              100,
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
          disk::add,
          () -> TimeUnit.MILLISECONDS.toNanos(loop.nowMs() + (ticking ? ++ticks : ticks)),
          new Random(1),
          (leader, hello, listener) -> {
            throw new AssertionError("nobody is followed");
          },
          new NoLog(),
          HighWatermark.Quorum.MAXIMAL_ISR,
          (partition, failure) -> {
            throw failure;
          });
  private boolean onDisk;
  private long index;

  @BeforeEach
  void start() {
    storage.whenSynced(
        (operation, path) -> {
          assertThat(onDisk).as("waits for %s on the loop", path).isTrue();
          synced.add(path);
        });
    apply(new MetadataCommand.FormatCluster("test"));
    apply(
        new MetadataCommand.RegisterBroker(
            BROKER, INCARNATION, new UUID(1, 0), -1, -1, Map.of(), "test"));
  }

  @AfterEach
  void close() {
    replicas.close();
    logs.close();
  }

  private void apply(MetadataCommand command) {
    assertThat(cluster.apply(++index, command)).isInstanceOf(CommandResult.Accepted.class);
    replicas.onImage(cluster.image());
    loop.turn();
  }

  /** The disk does what it was asked for, and the loop hears of it. */
  private void work() {
    while (!disk.isEmpty()) {
      workOnce();
    }
  }

  private void workOnce() {
    onDisk = true;
    disk.poll().run();
    onDisk = false;
    loop.turn();
    loop.pass(10);
  }

  private void create(UUID topicId, int partitions) {
    List<List<Integer>> assignments = new ArrayList<>();
    for (int i = 0; i < partitions; i++) {
      assignments.add(List.of(BROKER));
    }
    apply(new MetadataCommand.CreateTopic("orders", topicId, assignments, Map.of()));
  }

  private Replica replica(UUID topicId) {
    return replicas.replica(new TopicIdPartition(topicId, 0));
  }

  private long syncsOfRoot() {
    return synced.stream().filter(ROOT::equals).count();
  }

  /** Of the root, and of the files in it, which are checkpoints. */
  private long syncsInRoot() {
    return synced.stream()
        .filter(path -> path.equals(ROOT) || path.getParent().equals(ROOT))
        .count();
  }

  private long syncsInRootToDelete(UUID topicId, int partitions) {
    create(topicId, partitions);
    work();
    onDisk = true;
    logs.checkpoint();
    onDisk = false;
    synced.clear();
    apply(new MetadataCommand.DeleteTopic(topicId));
    work();
    assertThat(replicas.replicas()).isEmpty();
    assertThat(storage.files(file -> file.toString().contains("/orders-"))).isEmpty();
    return syncsInRoot();
  }

  @Test
  void deletingManyPartitionsSyncsTheRootAndWritesTheCheckpointsAsOftenAsDeletingOne() {
    long ofOne = syncsInRootToDelete(TOPIC, 1);
    assertThat(ofOne).isPositive();
    assertThat(syncsInRootToDelete(NEXT_TOPIC, 50)).isEqualTo(ofOne);
  }

  @Test
  void creatingManyPartitionsSyncsTheRootOnceForMany() {
    create(TOPIC, 200);
    work();
    assertThat(replicas.replicas())
        .hasSize(200)
        .allMatch(replica -> replica.role() == Replica.Role.LEADER);
    assertThat(syncsOfRoot()).isLessThan(10);
  }

  @Test
  void aTopicOfManyPartitionsIsBroughtInForceInSeveralTurns() {
    ticking = true;
    create(TOPIC, 200);
    assertThat(disk).as("the first turn opens some").hasSize(1);
    work();
    assertThat(replicas.replicas())
        .hasSize(200)
        .allMatch(replica -> replica.role() == Replica.Role.LEADER);
  }

  /** A thread of the disk for each would take the processors from those that are served. */
  @Test
  void newPartitionsWaitBehindThoseThatAreServed() {
    create(TOPIC, 200);
    int most = 0;
    while (!disk.isEmpty()) {
      most = Math.max(most, disk.size());
      workOnce();
    }
    assertThat(most).isEqualTo(DiskSteps.MAX_BEHIND);

    apply(new MetadataCommand.FenceBroker(BROKER, cluster.image().broker(BROKER).epoch()));
    apply(
        new MetadataCommand.RegisterBroker(
            BROKER,
            INCARNATION,
            new UUID(1, 0),
            -1,
            cluster.image().broker(BROKER).epoch(),
            Map.of(),
            "test"));
    assertThat(disk).as("leaders again, in another epoch").hasSize(DiskSteps.MAX_PARALLEL);
    work();
  }

  @Test
  void aTopicOfTheSameNameIsCreatedWhenTheOldOneIsGone() {
    create(TOPIC, 3);
    work();
    BatchBuilder batch = new BatchBuilder(Codec.NONE, 1 << 12);
    batch.append(loop.nowMs(), null, "old".getBytes(UTF_8), List.of());
    replica(TOPIC).append(batch.build(), -1, Acks.LEADER, new Ignored());
    assertThat(replica(TOPIC).log().logEndOffset()).isEqualTo(1);

    assertThat(cluster.apply(++index, new MetadataCommand.DeleteTopic(TOPIC)))
        .isInstanceOf(CommandResult.Accepted.class);
    create(NEXT_TOPIC, 3);
    assertThat(replica(NEXT_TOPIC)).isNull();
    work();
    assertThat(replica(NEXT_TOPIC).role()).isEqualTo(Replica.Role.LEADER);
    assertThat(replica(NEXT_TOPIC).log().logEndOffset()).isZero();
    assertThat(storage.files(file -> file.toString().contains("-stray"))).isEmpty();
  }

  @Test
  void aLeaderTakesNothingBeforeTheStartOfItsEpochIsOnTheDisk() {
    create(TOPIC, 1);
    onDisk = true;
    disk.poll().run();
    onDisk = false;
    loop.turn();
    assertThat(replica(TOPIC).role()).isEqualTo(Replica.Role.IDLE);
    work();
    assertThat(replica(TOPIC).role()).isEqualTo(Replica.Role.LEADER);
    assertThat(replica(TOPIC).log().lastEpoch()).isEqualTo(replica(TOPIC).leaderEpoch());
  }

  @Test
  void anImageIsInForceWhenTheDiskIsReady() {
    List<Long> inForce = new ArrayList<>();
    replicas.onInForce(inForce::add);
    create(TOPIC, 2);
    assertThat(inForce).doesNotContain(index);
    work();
    assertThat(inForce).last().isEqualTo(index);
  }

  /** What becomes of appends does not matter here. */
  private static final class Ignored implements AppendListener {
    @Override
    public void onAppended(AppendReceipt receipt) {}

    @Override
    public void onFailed(ErrorCode error, boolean unknown, String text) {
      throw new AssertionError(text);
    }
  }
}
