package io.highwater.replication.sim;

import io.highwater.log.checkpoint.MetaProperties;
import io.highwater.log.checkpoint.PartitionMetadata;
import io.highwater.log.checkpoint.RunMarker;
import io.highwater.log.io.SimStorage;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.BatchView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The disks of a broker, which outlive its processes, and the ways to break them: one for each log
 * directory, and on odd brokers one for the metadata log alone, so that both others may fail.
 */
final class SimDisk {
  /** The log directories. */
  static final List<Path> ROOTS = List.of(Path.of("/data-1"), Path.of("/data-2"));

  private static final Path METADATA_ROOT = Path.of("/metadata");

  private final SimStorage storage = new SimStorage();
  private static final List<List<Path>> METADATA_FILES =
      IntStream.range(0, SimCluster.PARTITIONS).mapToObj(SimDisk::metadataFiles).toList();

  private final int brokerId;
  private final SimCluster cluster;
  private boolean forged;
  private boolean forgedInTheMiddle;
  private boolean exchanged;
  private final Map<Integer, Integer> straysSeen = new HashMap<>();

  SimDisk(int brokerId, SimCluster cluster) {
    this.brokerId = brokerId;
    this.cluster = cluster;
    storage.syncOnly(cluster.sabotage()::syncs);
  }

  private static List<Path> metadataFiles(int partition) {
    String name = SimCluster.TOPIC + "-" + partition;
    return ROOTS.stream()
        .map(root -> root.resolve(name).resolve(PartitionMetadata.FILE_NAME))
        .toList();
  }

  SimStorage storage() {
    return storage;
  }

  /** Where the metadata log would be. */
  Path metadataRoot() {
    return brokerId % 2 == 0 ? ROOTS.get(0) : METADATA_ROOT;
  }

  /** The id of a directory, when it is new. */
  UUID directoryId(Path root) {
    return new UUID(brokerId, ROOTS.indexOf(root));
  }

  /** Whether there is a log of a partition of the clients' topic. */
  boolean holds(TopicIdPartition partition) {
    return rootOf(partition) != null;
  }

  /** The log directory that has a log of a partition of the clients' topic, or null. */
  Path rootOf(TopicIdPartition partition) {
    List<Path> metadataFiles = METADATA_FILES.get(partition.partition());
    for (int i = 0; i < metadataFiles.size(); i++) {
      if (storage.exists(metadataFiles.get(i))) {
        return ROOTS.get(i);
      }
    }
    return null;
  }

  /**
   * Whether a damaged log of it lies aside, or a foreign one since this was asked last: what is in
   * its place now was begun anew.
   */
  boolean liesAside(TopicIdPartition partition) {
    String name = SimCluster.TOPIC + "-" + partition.partition() + ".";
    int strays = filesIn(directory -> directory.contains("-stray")).size();
    int before = straysSeen.getOrDefault(partition.partition(), 0);
    straysSeen.put(partition.partition(), strays);
    return before < strays
        || !filesIn(directory -> directory.startsWith(name) && isAside(directory)).isEmpty();
  }

  private List<Path> filesIn(Predicate<String> directories) {
    return storage.files(path -> directories.test(path.getParent().getFileName().toString()));
  }

  /** Whether a log was set aside because it differed, and fetched again. */
  boolean hasStray() {
    return !storage.files(path -> path.getParent().toString().contains("-stray")).isEmpty();
  }

  private static boolean isAside(String directory) {
    return directory.contains("-damaged") || directory.contains("-differing");
  }

  private IOException failure() {
    return new IOException("the disk of broker " + brokerId + " failed");
  }

  /** Everything fails on the disk of one log directory, until somebody mends it. */
  void breakDown(Path root) {
    storage.failAll(path -> path.startsWith(root) && !cluster.checker().isLooking(), failure());
  }

  /** No byte more gets on any disk of the broker, until somebody makes room. */
  void fill() {
    storage.limitBytes(storage.usedBytes());
  }

  /** There is room again. */
  void makeRoom() {
    storage.limitBytes(Long.MAX_VALUE);
  }

  /** Whether nothing can be done with a log directory. */
  boolean isBroken(Path root) {
    try {
      storage.list(root);
      return false;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
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

  /** The last batch of each log becomes another one, sound and of the same size and place. */
  void forgeTails() {
    damageLogs(content -> forge(content, batches -> batches - 1));
    forged = true;
  }

  /** One in the middle of each log does, which nobody looks at who comes back. */
  void forgeMiddles() {
    damageLogs(content -> forge(content, batches -> batches / 2));
    forged = true;
    forgedInTheMiddle = true;
  }

  /** Whether a log was forged, does not lie aside, and its end shows nothing of it. */
  boolean isForgedInTheMiddle(TopicIdPartition partition) {
    return forgedInTheMiddle && isForged(partition);
  }

  /** Whether sound batches may be here in the place of others, or ever were. */
  boolean mayDiffer() {
    return forged || exchanged;
  }

  /** Whether logs were forged, and the one of this partition does not lie aside. */
  boolean isForged(TopicIdPartition partition) {
    String name = SimCluster.TOPIC + "-" + partition.partition() + ".";
    return forged
        && filesIn(
                directory ->
                    directory.startsWith(name)
                        && (isAside(directory) || directory.contains("-stray")))
            .isEmpty();
  }

  private static byte[] forge(byte[] content, IntUnaryOperator which) {
    UnsafeBuffer bytes = new UnsafeBuffer(content);
    BatchView batch = new BatchView();
    List<Integer> positions = new ArrayList<>();
    for (int at = 0; at < content.length; at += batch.wrap(bytes, at).sizeInBytes()) {
      positions.add(at);
    }
    if (!positions.isEmpty()) {
      int at = positions.get(which.applyAsInt(positions.size()));
      int size = batch.wrap(bytes, at).sizeInBytes();
      content[at + size - 3] ^= 1; // In the record's own checksum.
      CRC32C crc = new CRC32C();
      crc.update(content, at + BatchLayout.ATTRIBUTES, size - BatchLayout.ATTRIBUTES);
      bytes.putInt(at + BatchLayout.CRC, (int) crc.getValue(), ByteOrder.BIG_ENDIAN);
    }
    return content;
  }

  /** Which files of two partitions somebody exchanges. */
  enum Exchanged {
    LOGS {
      @Override
      boolean includes(String name) {
        return name.endsWith(".log");
      }
    },
    ALL_BUT_METADATA {
      @Override
      boolean includes(String name) {
        return !name.equals(PartitionMetadata.FILE_NAME);
      }
    },
    EVERYTHING {
      @Override
      boolean includes(String name) {
        return true;
      }
    };

    abstract boolean includes(String name);
  }

  /** Files of the clients' two partitions change places, if both are here and can be moved. */
  void exchange(Exchanged what) {
    exchanged = true;
    Path one = rootOf(SimCluster.partition(0));
    Path other = rootOf(SimCluster.partition(1));
    if (one == null || other == null || ROOTS.stream().anyMatch(this::isBroken)) {
      return;
    }
    one = one.resolve(SimCluster.TOPIC + "-0");
    other = other.resolve(SimCluster.TOPIC + "-1");
    Map<Path, byte[]> exchanged = new TreeMap<>();
    for (Path file : files(one, what)) {
      exchanged.put(other.resolve(file.getFileName()), storage.content(file));
    }
    for (Path file : files(other, what)) {
      exchanged.put(one.resolve(file.getFileName()), storage.content(file));
    }
    delete(files(one, what));
    delete(files(other, what));
    exchanged.forEach(storage::replace);
  }

  /** What says that there are other log directories is gone. */
  void forgetDirectories() {
    for (Path root : Stream.concat(ROOTS.stream(), Stream.of(metadataRoot())).distinct().toList()) {
      try {
        Optional<MetaProperties> meta =
            isBroken(root) ? Optional.empty() : MetaProperties.read(storage, root);
        if (meta.isPresent()) {
          meta.get().withDirectories(Set.of(), Set.of(), Map.of()).write(storage, root);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** What says whose a log's files are is gone, and that there was anything that says so. */
  void forgetOwners() {
    delete(storage.files(path -> path.toString().endsWith("manifest")));
    delete(storage.files(path -> path.endsWith(RunMarker.FILE_NAME)));
    storage.files(path -> path.endsWith(PartitionMetadata.FILE_NAME)).forEach(this::promiseNothing);
  }

  private void promiseNothing(Path metadata) {
    Path directory = metadata.getParent();
    try {
      PartitionMetadata found = PartitionMetadata.read(storage, directory).orElseThrow();
      new PartitionMetadata(found.topicId(), found.partition(), found.directoryId(), false)
          .write(storage, directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Path> files(Path directory, Exchanged what) {
    return storage.files(
        path -> directory.equals(path.getParent()) && what.includes(path.getFileName().toString()));
  }

  private void delete(List<Path> files) {
    try {
      for (Path file : files) {
        storage.deleteIfExists(file);
        storage.syncDirectory(file.getParent());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void damageLogs(UnaryOperator<byte[]> damage) {
    for (Path log : storage.files(path -> path.toString().endsWith(".log"))) {
      storage.replace(log, damage.apply(storage.content(log)));
    }
  }
}
