package io.highwater.replication.sim;

import io.highwater.log.checkpoint.PartitionMetadata;
import io.highwater.log.io.SimStorage;
import io.highwater.proto.TopicIdPartition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** The disk of a broker, which outlives its processes, and the ways to break it. */
final class SimDisk {
  static final Path ROOT = Path.of("/data");

  private final SimStorage storage = new SimStorage();
  private final List<Path> metadataFiles =
      IntStream.range(0, SimCluster.PARTITIONS)
          .mapToObj(
              number ->
                  ROOT.resolve(SimCluster.TOPIC + "-" + number)
                      .resolve(PartitionMetadata.FILE_NAME))
          .toList();
  private final int brokerId;
  private final SimCluster cluster;

  SimDisk(int brokerId, SimCluster cluster) {
    this.brokerId = brokerId;
    this.cluster = cluster;
    storage.syncOnly(cluster.sabotage()::syncs);
  }

  SimStorage storage() {
    return storage;
  }

  /** Whether there is a log of a partition of the clients' topic. */
  boolean holds(TopicIdPartition partition) {
    return storage.exists(metadataFiles.get(partition.partition()));
  }

  /** Whether a damaged log of it lies aside: what is in its place now was begun anew. */
  boolean liesAside(TopicIdPartition partition) {
    String name = SimCluster.TOPIC + "-" + partition.partition() + ".";
    return !storage
        .files(
            path ->
                path.getParent().getFileName().toString().startsWith(name)
                    && path.getParent().toString().contains("-damaged"))
        .isEmpty();
  }

  private IOException failure() {
    return new IOException("the disk of broker " + brokerId + " failed");
  }

  /** Lets the next operation of a kind on a log's files fail. */
  void fail(SimStorage.Operation operation) {
    storage.failNext(
        operation, path -> !cluster.checker().isLooking() && path.getNameCount() > 2, failure());
  }

  /** Lets the next write to a log's file fail after some of its bytes. */
  void tearNextWrite(int keptBytes) {
    storage.tearNext(path -> path.getNameCount() > 2, keptBytes, failure());
  }

  /** The ends of the logs get lost. */
  void cutTails(int bytes) {
    damageLogs(content -> Arrays.copyOf(content, Math.max(0, content.length - bytes)));
  }

  /** A byte in each log changes. */
  void flipBytes(Random random) {
    damageLogs(
        content -> {
          if (content.length > 0) {
            content[random.nextInt(content.length)] ^= (byte) (1 + random.nextInt(255));
          }
          return content;
        });
  }

  private void damageLogs(UnaryOperator<byte[]> damage) {
    for (Path log : storage.files(path -> path.toString().endsWith(".log"))) {
      storage.replace(log, damage.apply(storage.content(log)));
    }
  }
}
