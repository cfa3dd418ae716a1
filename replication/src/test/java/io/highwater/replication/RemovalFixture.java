package io.highwater.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.LogConfig;
import io.highwater.log.LogDirectories;
import io.highwater.log.LogDirectory;
import io.highwater.log.io.SimStorage;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataCommand.AlterReassignments;
import io.highwater.replication.control.TopicImage;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** One broker's part of a topic on its disk, whose steps a test lets go on one by one. */
final class RemovalFixture {
  static final int BROKER = 1;
  static final int OTHER = 2;
  static final UUID TOPIC = new UUID(7, 7);
  static final TopicIdPartition PARTITION = new TopicIdPartition(TOPIC, 0);

  private static final Path ROOT = Path.of("/data");

  final SimStorage storage = new SimStorage();
  final ManualLoop loop = new ManualLoop();
  final NoLog metadata = new NoLog();
  final PartitionLogs logs;
  final MetadataReports reports;
  private final ClusterState cluster = new ClusterState(ClusterImage.EMPTY);
  private final ArrayDeque<Runnable> steps = new ArrayDeque<>();
  private long index;

  /** The topic is there, and this broker's log of it, of which its checkpoints tell. */
  RemovalFixture() {
    LogDirectory directory =
        LogDirectory.open(ROOT, storage, loop::nowMs, BROKER, () -> new UUID(1, 0));
    logs =
        new PartitionLogs(
            LogDirectories.of(directory), new DiskSteps(loop, steps::add, loop::nowMs));
    reports =
        new MetadataReports(
            BROKER, loop, () -> TimeUnit.MILLISECONDS.toNanos(loop.nowMs()), metadata, this::image);
    apply(new MetadataCommand.FormatCluster("test"));
    register(BROKER);
    register(OTHER);
    apply(
        new MetadataCommand.CreateTopic(
            "orders", TOPIC, List.of(List.of(OTHER, BROKER)), Map.of()));
    openLog();
    step();
    logs.checkpoint();
  }

  ClusterImage image() {
    return cluster.image();
  }

  TopicImage topic() {
    return image().topic(TOPIC);
  }

  void apply(MetadataCommand command) {
    CommandResult result = cluster.apply(++index, command);
    assertThat(result).isInstanceOf(CommandResult.Accepted.class);
  }

  private void register(int broker) {
    apply(
        new MetadataCommand.RegisterBroker(
            broker, new UUID(broker, 1), new UUID(broker, 0), -1, -1, Map.of(), "test"));
  }

  /** An operator says who the replicas are to be. */
  void reassign(Integer... replicas) {
    AlterReassignments.Target target =
        new AlterReassignments.Target(PARTITION, Arrays.asList(replicas));
    apply(new AlterReassignments(List.of(target)));
  }

  /** The partition's log is opened, or begun, in the next step. */
  void openLog() {
    logs.open(
        List.of(new PartitionLogs.Opening(topic(), PARTITION, LogConfig.DEFAULT)),
        (opening, failure) -> assertThat(failure).isNull());
  }

  boolean hasLog() {
    return storage.isDirectory(ROOT.resolve("orders-0"));
  }

  /** Lets the disk do one thing of what waits for it. */
  void step() {
    steps.remove().run();
    loop.turn();
  }

  /** Whether the disk has something to do. */
  boolean isDue() {
    return !steps.isEmpty();
  }

  /** What was confirmed to the control plane. */
  List<MetadataCommand> confirmed() {
    return new ArrayList<>(metadata.submitted());
  }
}
