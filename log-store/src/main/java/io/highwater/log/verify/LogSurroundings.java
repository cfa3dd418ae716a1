package io.highwater.log.verify;

import io.highwater.log.checkpoint.CleanShutdown;
import io.highwater.log.checkpoint.MetaProperties;
import io.highwater.log.checkpoint.OffsetCheckpoint;
import io.highwater.log.checkpoint.RunMarker;
import io.highwater.log.io.Storage;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What a log directory says of the logs in it. What is absent or damaged is unknown.
 *
 * @param directoryId its id; empty when unknown
 * @param recoveryPoints below which all was flushed, where known
 * @param highWatermarks below which all was committed, where known
 * @param logStarts where they begin, where known
 * @param keepsWrites whether the broker stopped cleanly, was killed while the machine went on, or
 *     runs: all that it wrote is there (REC-8)
 */
public record LogSurroundings(
    Optional<UUID> directoryId,
    Map<TopicPartition, Long> recoveryPoints,
    Map<TopicPartition, Long> highWatermarks,
    Map<TopicPartition, Long> logStarts,
    boolean keepsWrites) {
  private static final UUID UNKNOWN = new UUID(0, 0);

  /**
   * Reads what a log directory says; changes nothing.
   *
   * @param root the log directory; null when there is none around
   */
  public static LogSurroundings of(Storage storage, Path root) throws IOException {
    return root == null
        ? new LogSurroundings(Optional.empty(), Map.of(), Map.of(), Map.of(), false)
        : new LogSurroundings(
            directoryId(storage, root),
            offsets(storage, root, OffsetCheckpoint.RECOVERY_POINTS),
            offsets(storage, root, OffsetCheckpoint.HIGH_WATERMARKS),
            offsets(storage, root, OffsetCheckpoint.LOG_STARTS),
            keepsWrites(storage, root));
  }

  private static boolean keepsWrites(Storage storage, Path root) throws IOException {
    Optional<String> written = RunMarker.read(storage, root).map(RunMarker::machineRun);
    return (written.isPresent() && written.equals(storage.machineRun()))
        || CleanShutdown.isMarked(storage, root, directoryIdOrUnknown(storage, root));
  }

  /** Its id, or one that no directory has. */
  static UUID directoryIdOrUnknown(Storage storage, Path root) {
    return directoryId(storage, root).orElse(UNKNOWN);
  }

  private static Optional<UUID> directoryId(Storage storage, Path root) {
    try {
      return MetaProperties.read(storage, root).map(MetaProperties::directoryId);
    } catch (IOException e) {
      return Optional.empty(); // Who looks for damage names the file.
    }
  }

  private static Map<TopicPartition, Long> offsets(Storage storage, Path root, String name)
      throws IOException {
    return OffsetCheckpoint.read(storage, root.resolve(name), directoryIdOrUnknown(storage, root))
        .orElse(Map.of());
  }

  /** Below it all of a partition's log was flushed; 0 when unknown. */
  public long recoveryPoint(TopicPartition partition) {
    return recoveryPoints.getOrDefault(partition, 0L);
  }

  /** Below it all of a partition's log was committed; 0 when unknown. */
  public long highWatermark(TopicPartition partition) {
    return highWatermarks.getOrDefault(partition, 0L);
  }

  /** The partitions that had records when that was last written down. */
  public Set<TopicPartition> withRecords() {
    Set<TopicPartition> found = new LinkedHashSet<>(recoveryPoints.keySet());
    found.addAll(highWatermarks.keySet());
    found.removeIf(partition -> recoveryPoint(partition) == 0 && highWatermark(partition) == 0);
    return found;
  }

  /** Where a partition's log begins; 0 when unknown. */
  public long logStart(TopicPartition partition) {
    return logStarts.getOrDefault(partition, 0L);
  }
}
