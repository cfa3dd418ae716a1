package io.highwater.replication;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.LogConfig;
import io.highwater.log.LogDirectories;
import io.highwater.log.LogDirectory;
import io.highwater.log.PartitionLog;
import io.highwater.log.io.SimStorage;
import io.highwater.log.space.SpaceLimits;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.Codec;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.Feature;
import io.highwater.replication.control.LastRun;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataCommand.AlterIsr;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.RecordLoss;
import io.highwater.replication.control.session.LogEnds.LogEnd;
import io.highwater.replication.core.HighWatermark;
import io.highwater.replication.core.LeaderState;
import io.highwater.replication.follower.ReconnectBackoff;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** ISR-4: what a broker tells of its logs while a partition waits for the longest. */
class ReplicasLogEndsTest {
  private static final int BROKER = 1;
  private static final int OTHER = 2;
  private static final UUID TOPIC = new UUID(7, 7);
  private static final TopicIdPartition PARTITION = new TopicIdPartition(TOPIC, 0);
  private static final TopicPartition NAME = new TopicPartition("orders", 0);

  private final SimStorage storage = new SimStorage();
  private final ManualLoop loop = new ManualLoop();
  private final ClusterState cluster = new ClusterState(ClusterImage.EMPTY);
  private final List<TopicIdPartition> failed = new ArrayList<>();
  private long index;
  private int starts;
  private LogDirectory logs;
  private Replicas replicas;

  @AfterEach
  void close() {
    replicas.close();
    logs.close();
  }

  /** Else who led without writing would have the longer log, and a kill look like a loss. */
  @Test
  void anEpochWithoutRecordsTellsNothing() {
    startAlone();
    assertThat(replicas.replica(PARTITION).log().lastEpoch()).isNotNegative();
    assertThat(replicas.of(PARTITION)).contains(new LogEnd(-1, 0, 0));

    append();
    int written = replicas.replica(PARTITION).leaderEpoch();
    apply(new MetadataCommand.FenceBroker(BROKER, epoch(BROKER)));
    register(BROKER);
    assertThat(replicas.replica(PARTITION).log().lastEpoch()).isGreaterThan(written);
    assertThat(replicas.of(PARTITION)).contains(new LogEnd(written, 1, 1));
  }

  /** Of whose epoch its last record was nothing is left. */
  @Test
  void aLogThatRetentionEmptiedTellsTheNewestEpochItKnowsAndThatAllWasCommitted() {
    startAlone();
    append();
    replicas.replica(PARTITION).log().advanceLogStart(1);
    apply(new MetadataCommand.FenceBroker(BROKER, epoch(BROKER)));
    register(BROKER);
    int newest = replicas.replica(PARTITION).leaderEpoch();
    assertThat(newest).isPositive();
    assertThat(replicas.of(PARTITION)).contains(new LogEnd(newest, 1, 1));
  }

  @Test
  void aLogThatFailsEndsWhereItWasCommittedInTheEpochOfThatRecord() {
    startAlone();
    int epoch = appendInTwoEpochs();
    storage.failNext(SimStorage.Operation.WRITE, this::isLog, new IOException("bad sector"));
    append();
    assertThat(failed).containsExactly(PARTITION);

    sayOffline();
    assertThat(replicas.of(PARTITION)).contains(new LogEnd(epoch, 2, 2));
  }

  @Test
  void aLogThatDoesNotOpenEndsWhereItIsWrittenDownToBeCommitted() {
    startAlone();
    int epoch = appendInTwoEpochs();
    logs.checkpoint();
    replicas.close();
    storage.killProcess();
    open();
    storage.failNext(SimStorage.Operation.READ, this::isLog, new IOException("bad sector"));
    register(BROKER);
    assertThat(failed).containsExactly(PARTITION);

    sayOffline();
    assertThat(replicas.of(PARTITION)).contains(new LogEnd(epoch, 2, 2));
  }

  @Test
  void aLogThatIsGoneEndsWhereItIsWrittenDownToBeCommitted() throws IOException {
    startAlone();
    appendInTwoEpochs();
    logs.checkpoint();
    replicas.close();
    storage.killProcess();
    storage.deleteTree(Path.of("/data", "orders-0"));
    open();
    register(BROKER);
    assertThat(failed).containsExactly(PARTITION);

    sayOffline();
    assertThat(replicas.of(PARTITION)).contains(new LogEnd(-1, 2, 2));
  }

  /** REC-8: the election takes it for a loss, though the broker was only killed. */
  @Test
  void anOlderCopyOfALogTellsWhatTheCheckpointsKnowOfIt() {
    startAlone();
    append();
    Map<Path, byte[]> copy = new HashMap<>();
    storage.files(this::isOfPartition).forEach(file -> copy.put(file, storage.content(file)));
    append();
    logs.checkpoint();
    replicas.close();
    storage.killProcess();
    storage.files(this::isOfPartition).forEach(file -> storage.replace(file, copy.get(file)));
    open();
    registerKilled();
    assertThat(failed).isEmpty();
    assertThat(replicas.of(PARTITION)).contains(new LogEnd(0, 1, 2));
    apply(
        new MetadataCommand.ReportLogEnds(
            BROKER,
            epoch(BROKER),
            List.of(new MetadataCommand.ReportLogEnds.Report(TOPIC, 0, 0, 1, 2))));
    assertThat(cluster.image().partition(PARTITION).losses())
        .containsExactly(new RecordLoss(2, 1, 2, RecordLoss.Cause.ALL_UNCLEAN));
  }

  private boolean isOfPartition(Path path) {
    return path.startsWith(Path.of("/data", "orders-0"));
  }

  @Test
  void aLogThatIsFetchedAgainTellsNothingUntilItIsInSync() {
    startWithADamagedLogAside();
    alterIsr(OTHER);
    open();
    register(BROKER);
    assertThat(replicas.replica(PARTITION)).isNotNull();
    assertThat(replicas.of(PARTITION)).contains(LogEnd.NONE);

    alterIsr(OTHER, BROKER);
    assertThat(replicas.of(PARTITION)).contains(new LogEnd(-1, 0, 0));
  }

  /** It was killed before it removed what it needed no more. */
  @Test
  void aLogThatWasInSyncBeforeAKillTellsItsEndThoughTheDamagedOneIsThereStill() {
    startWithADamagedLogAside();
    open();
    registerKilled();
    assertThat(cluster.image().partition(PARTITION).isr()).doesNotContain(BROKER);
    assertThat(logs.damagedAside()).contains(PARTITION);
    assertThat(replicas.of(PARTITION)).contains(new LogEnd(-1, 0, 0));
  }

  /** Else what the image tells of an earlier kill would count for the new log. */
  @Test
  void aDamagedLogIsSetAsideOnlyWhenTheClusterKnowsThatTheReplicaIsOffline() {
    startDamagedAfterAKill();
    untilALeaderIsProven();
    assertThat(logs.damagedAside()).isEmpty();
    assertThat(cluster.image().partition(PARTITION).killed()).contains(BROKER);

    reportOffline();
    untilALeaderIsProven();
    assertThat(logs.damagedAside()).containsExactly(PARTITION);
    assertThat(cluster.image().partition(PARTITION).killed()).isEmpty();
    assertThat(replicas.damage(PARTITION)).isNull();
    assertThat(replicas.of(PARTITION)).contains(LogEnd.NONE);
  }

  /** REC-3: a leader that died with all others is none by then. */
  @Test
  void aDamagedLogIsSetAsideOnlyWhenAnotherHasLedForAWhile() {
    startDamagedAfterAKill();
    reportOffline();
    createAnotherTopic();
    assertThat(logs.damagedAside()).isEmpty();

    untilALeaderIsProven();
    assertThat(logs.damagedAside()).containsExactly(PARTITION);
  }

  private void startDamagedAfterAKill() {
    startWithOther();
    PartitionLog log = logs.openOrCreate(NAME, TOPIC, LogConfig.DEFAULT);
    log.appendAsLeader(batch(), 0);
    log.flush();
    logs.checkpoint();
    storage.killProcess();
    storage.files(this::isLog).forEach(file -> storage.replace(file, new byte[0]));
    open();
    registerKilled();
    assertThat(failed).containsExactly(PARTITION);
  }

  private void startWithADamagedLogAside() {
    startWithOther();
    logs.openOrCreate(NAME, TOPIC, LogConfig.DEFAULT);
    logs.setDamagedAside(NAME, TOPIC);
    logs.close();
  }

  /** Another leads, and both are in sync; nothing runs here. */
  private void startWithOther() {
    open();
    replicas.close();
    apply(new MetadataCommand.FormatCluster("test"));
    register(BROKER);
    register(OTHER);
    apply(
        new MetadataCommand.CreateTopic(
            "orders", TOPIC, List.of(List.of(OTHER, BROKER)), Map.of()));
  }

  /** In steps so small that the broker does not take them for sleep of its own. */
  private void untilALeaderIsProven() {
    for (int i = 0; i < 10; i++) {
      createAnotherTopic();
      loop.pass(200);
    }
  }

  private void createAnotherTopic() {
    apply(
        new MetadataCommand.CreateTopic(
            "news" + index, new UUID(8, index), List.of(List.of(OTHER)), Map.of()));
  }

  private boolean isLog(Path path) {
    return path.toString().endsWith(".log");
  }

  private void open() {
    logs = LogDirectory.open(Path.of("/data"), storage, loop::nowMs, BROKER, () -> new UUID(1, 0));
    ReplicasConfig config =
        new ReplicasConfig(
            BROKER,
            incarnation(BROKER, ++starts),
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
            0);
    replicas =
        ReplicasUnderTest.create(
            config,
            LogDirectories.of(logs),
            loop,
            Runnable::run,
            () -> TimeUnit.MILLISECONDS.toNanos(loop.nowMs()),
            new Random(1),
            (leader, hello, listener) -> {
              throw new AssertionError("nobody has an address");
            },
            new NoLog(),
            HighWatermark.Quorum.MAXIMAL_ISR,
            (partition, failure) -> failed.add(partition));
  }

  private void startAlone() {
    open();
    apply(new MetadataCommand.FormatCluster("test"));
    register(BROKER);
    apply(new MetadataCommand.CreateTopic("orders", TOPIC, List.of(List.of(BROKER)), Map.of()));
  }

  /** Leaves two committed records; returns the epoch of the second. */
  private int appendInTwoEpochs() {
    append();
    apply(new MetadataCommand.FenceBroker(BROKER, epoch(BROKER)));
    register(BROKER);
    append();
    assertThat(replicas.replica(PARTITION).highWatermark()).isEqualTo(2);
    assertThat(replicas.replica(PARTITION).leaderEpoch()).isPositive();
    return replicas.replica(PARTITION).leaderEpoch();
  }

  private ByteBuffer batch() {
    BatchBuilder builder = new BatchBuilder(Codec.NONE, 1 << 12);
    builder.append(loop.nowMs(), null, "value".getBytes(UTF_8), List.of());
    return builder.build();
  }

  private void append() {
    replicas.replica(PARTITION).append(batch(), -1, Acks.LEADER, new Ignored());
    loop.turn();
  }

  private void apply(MetadataCommand command) {
    CommandResult result = cluster.apply(++index, command);
    assertThat(result).isInstanceOf(CommandResult.Accepted.class);
    replicas.onImage(cluster.image());
    loop.turn();
  }

  private static UUID incarnation(int broker, int start) {
    return new UUID(broker, start);
  }

  private long epoch(int broker) {
    return cluster.image().broker(broker).epoch();
  }

  private void register(int broker) {
    BrokerRegistration known = cluster.image().broker(broker);
    apply(
        new MetadataCommand.RegisterBroker(
            broker,
            incarnation(broker, starts),
            new UUID(broker, 0),
            -1,
            known == null ? -1 : known.epoch(),
            Map.of(),
            "test"));
  }

  /** This broker's process is another one, and the last was only killed. */
  private void registerKilled() {
    long last = epoch(BROKER);
    apply(
        new MetadataCommand.RegisterBroker(
            BROKER,
            incarnation(BROKER, starts),
            new UUID(BROKER, 0),
            LastRun.killed(last),
            last,
            Map.of(),
            "test",
            "",
            Feature.allSupported()));
    assertThat(cluster.image().partition(PARTITION).killed()).contains(BROKER);
  }

  private void reportOffline() {
    apply(new MetadataCommand.ReplicasOffline(BROKER, epoch(BROKER), List.of(PARTITION)));
  }

  private void sayOffline() {
    reportOffline();
    assertThat(cluster.image().partition(PARTITION).awaitsReportOf(BROKER)).isTrue();
  }

  private void alterIsr(Integer... isr) {
    PartitionImage p = cluster.image().partition(PARTITION);
    apply(
        new AlterIsr(
            List.of(
                new AlterIsr.Change(
                    TOPIC,
                    0,
                    p.leaderEpoch(),
                    p.partitionEpoch(),
                    Arrays.stream(isr).map(id -> new AlterIsr.Member(id, epoch(id))).toList()))));
  }

  private static final class Ignored implements AppendListener {
    @Override
    public void onAppended(AppendReceipt receipt) {
      // The high watermark tells.
    }

    @Override
    public void onFailed(ErrorCode error, boolean maybeAppended, String text) {
      // The failed partition tells.
    }
  }
}
