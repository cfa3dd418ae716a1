package io.highwater.log.verify;

import io.highwater.log.checkpoint.MetaProperties;
import io.highwater.log.checkpoint.OffsetCheckpoint;
import io.highwater.log.io.Storage;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What a log directory says of the logs in it. What is absent or damaged is unknown.
 *
 * @param directoryId its id; empty when unknown
 * @param recoveryPoints below which all was flushed, where known
 * @param logStarts where they begin, where known
 */
public record LogSurroundings(
    Optional<UUID> directoryId,
    Map<TopicPartition, Long> recoveryPoints,
    Map<TopicPartition, Long> logStarts) {
  private static final UUID UNKNOWN = new UUID(0, 0);

  /**
   * Reads what a log directory says; changes nothing.
   *
   * @param root the log directory; null when there is none around
   */
  public static LogSurroundings of(Storage storage, Path root) throws IOException {
    return root == null
        ? new LogSurroundings(Optional.empty(), Map.of(), Map.of())
        : new LogSurroundings(
            directoryId(storage, root),
            offsets(storage, root, OffsetCheckpoint.RECOVERY_POINTS),
            offsets(storage, root, OffsetCheckpoint.LOG_STARTS));
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

  /** Where a partition's log begins; 0 when unknown. */
  public long logStart(TopicPartition partition) {
    return logStarts.getOrDefault(partition, 0L);
  }
}
