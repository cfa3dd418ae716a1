package io.highwater.log.verify;

import io.highwater.log.PartitionDirectory;
import io.highwater.log.checkpoint.MetaProperties;
import io.highwater.log.checkpoint.OffsetCheckpoint;
import io.highwater.log.checkpoint.PartitionMetadata;
import io.highwater.log.io.LinkedFileException;
import io.highwater.log.io.Storage;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Looks for damage in a data directory, or in the directory of one partition. Only reads and takes
 * no lock, so a running broker is not disturbed. Any thread, one at a time.
 */
public final class DirectoryVerifier {
  private static final List<String> CHECKPOINTS =
      List.of(
          OffsetCheckpoint.RECOVERY_POINTS,
          OffsetCheckpoint.HIGH_WATERMARKS,
          OffsetCheckpoint.LOG_STARTS,
          OffsetCheckpoint.CLEANED);

  private final Storage storage;
  private final boolean readsRecords;
  private final Consumer<Problem> onProblem;
  private final Verification found = new Verification();

  /**
   * @param readsRecords whether records are read, too: what cannot be is a problem
   * @param onProblem hears of damage as it is found
   */
  public DirectoryVerifier(Storage storage, boolean readsRecords, Consumer<Problem> onProblem) {
    this.storage = storage;
    this.readsRecords = readsRecords;
    this.onProblem = onProblem;
  }

  /**
   * Checks every byte.
   *
   * @param directory a data directory, or one partition in it, which may be missing where the data
   *     directory around knows of it
   * @throws HighwaterException INVALID_REQUEST when it is neither
   * @throws NoSuchFileException when it is not there, and nothing knows of it
   */
  public Verification verify(Path directory) throws IOException {
    Path path = directory.toAbsolutePath().normalize();
    Path root = path.getParent();
    Optional<TopicPartition> named =
        root == null ? Optional.empty() : PartitionDirectory.parse(path.getFileName().toString());
    if (!storage.isDirectory(path)) {
      if (named.isEmpty() || !isMissed(root, named.get())) {
        throw new NoSuchFileException(directory.toString(), null, "no such directory");
      }
      missing(root, named.get());
      return found;
    }
    if (isPartition(path, named)) {
      verifyPartition(path, named, LogSurroundings.of(storage, root));
      return found;
    }
    List<String> names = storage.list(path);
    boolean empty = true;
    for (String name : names) {
      empty &= !isData(path, name);
    }
    if (empty) {
      throw new HighwaterException(
          ErrorCode.INVALID_REQUEST, directory + " is no data directory and no partition of one");
    }
    verifyState(path, names);
    LogSurroundings around = LogSurroundings.of(storage, path);
    for (String name : names) {
      Optional<TopicPartition> partition = PartitionDirectory.parse(name);
      if (storage.isLink(path.resolve(name)) && partition.isPresent()) {
        problem(path.resolve(name), "it is a link, which is not followed");
      } else if (partition.isPresent() && storage.isDirectory(path.resolve(name))) {
        verifyPartition(path.resolve(name), partition, around);
      }
    }
    for (TopicPartition partition : around.withRecords()) {
      if (!isThere(path, partition) && isMissed(path, partition)) {
        missing(path, partition);
      }
    }
    return found;
  }

  private boolean isPartition(Path path, Optional<TopicPartition> named) throws IOException {
    List<String> names = storage.list(path);
    return names.contains(PartitionMetadata.FILE_NAME)
        || names.stream()
            .anyMatch(name -> SegmentFiles.offsetOf(name, SegmentFiles.LOG).isPresent())
        || (named.isPresent()
            && !names.contains(MetaProperties.FILE_NAME)
            && LogSurroundings.of(storage, path.getParent()).withRecords().contains(named.get()));
  }

  /** REC-3: whether a partition had records and is not there. */
  private boolean isMissed(Path root, TopicPartition partition) throws IOException {
    // In this order: it may be on its way out.
    return LogSurroundings.of(storage, root).withRecords().contains(partition)
        && !isThere(root, partition);
  }

  private void missing(Path root, TopicPartition partition) throws IOException {
    LogSurroundings around = LogSurroundings.of(storage, root);
    problem(
        root.resolve(partition.toString()),
        "it is missing; flushed were "
            + around.recoveryPoint(partition)
            + ", committed "
            + around.highWatermark(partition));
  }

  private boolean isThere(Path root, TopicPartition partition) throws IOException {
    Path path = root.resolve(partition.toString());
    return storage.isDirectory(path)
        || storage.isLink(path)
        || storage.list(root).stream()
            .anyMatch(name -> PartitionDirectory.isLeaving(name, partition));
  }

  private boolean isData(Path path, String name) throws IOException {
    return name.equals(MetaProperties.FILE_NAME)
        || CHECKPOINTS.contains(name)
        || (PartitionDirectory.parse(name).isPresent() && storage.isDirectory(path.resolve(name)));
  }

  private void verifyPartition(
      Path path, Optional<TopicPartition> partition, LogSurroundings around) throws IOException {
    LogVerifier.Expected expected =
        new LogVerifier.Expected(
            partition,
            around.directoryId(),
            partition.map(around::recoveryPoint).orElse(0L),
            partition.map(around::highWatermark).orElse(0L),
            partition.map(around::logStart).orElse(0L),
            around.keepsWrites(),
            readsRecords);
    try {
      Verification log = new LogVerifier(storage, path, expected).verify();
      log.problems().forEach(onProblem);
      found.partition(log);
    } catch (LinkedFileException e) { // The other partitions are looked at all the same.
      problem(Path.of(e.getFile()), e.getReason() + "; its partition is not checked");
    } catch (IOException e) {
      problem(path, "it cannot be read: " + e.getMessage());
    }
  }

  private void verifyState(Path root, List<String> names) throws IOException {
    try {
      if (MetaProperties.read(storage, root).isEmpty()) {
        problem(root.resolve(MetaProperties.FILE_NAME), "it is missing");
      }
    } catch (IOException e) {
      problem(root.resolve(MetaProperties.FILE_NAME), "it does not match its checksum or form");
    }
    UUID directoryId = LogSurroundings.directoryIdOrUnknown(storage, root);
    for (String name : CHECKPOINTS) {
      // Twice: it may be replaced just now.
      if (names.contains(name)
          && OffsetCheckpoint.read(storage, root.resolve(name), directoryId).isEmpty()
          && OffsetCheckpoint.read(storage, root.resolve(name), directoryId).isEmpty()) {
        problem(
            root.resolve(name),
            "it does not match its checksum, or is another directory's; it counts as unknown");
      }
    }
  }

  private void problem(Path file, String what) {
    Problem problem = Problem.of(file, what);
    onProblem.accept(problem);
    found.problem(problem);
  }
}
