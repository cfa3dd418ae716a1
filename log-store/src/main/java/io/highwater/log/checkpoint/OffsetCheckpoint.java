package io.highwater.log.checkpoint;

import io.highwater.log.io.AtomicFile;
import io.highwater.log.io.Storage;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** One offset per partition in a file of a log directory, in Kafka's format. */
public final class OffsetCheckpoint {
  /** Exclusive end of what is known to be flushed and sound. */
  public static final String RECOVERY_POINTS = "recovery-point-offset-checkpoint";

  /** High watermarks. */
  public static final String HIGH_WATERMARKS = "replication-offset-checkpoint";

  /** Log starts that differ from the first segment's base. */
  public static final String LOG_STARTS = "log-start-offset-checkpoint";

  /** Exclusive ends of what compaction has cleaned. */
  public static final String CLEANED = "cleaner-offset-checkpoint";

  private static final byte[] UNKNOWN = {};

  /** Those that are written together. */
  private static final List<String> ALL = List.of(LOG_STARTS, RECOVERY_POINTS, HIGH_WATERMARKS);

  private OffsetCheckpoint() {}

  /**
   * A checksum, as eight hexadecimal digits, of what the files of a log directory say of its logs'
   * starts, flushed ends and high watermarks.
   */
  static String checksumOfAll(Storage storage, Path directory, UUID directoryId)
      throws IOException {
    StringBuilder all = new StringBuilder();
    for (String name : ALL) {
      byte[] content =
          AtomicFile.readChecked(storage, directory.resolve(name), OwnerBytes.of(directoryId))
              .orElse(UNKNOWN);
      all.append(name).append('\n').append(new String(content, StandardCharsets.ISO_8859_1));
    }
    return TextChecksum.of(all.toString());
  }

  /**
   * Replaces the file; durable when this returns.
   *
   * @param directoryId of the log directory it speaks of
   */
  public static void write(
      Storage storage, Path file, UUID directoryId, Map<TopicPartition, Long> offsets)
      throws IOException {
    List<String> lines = new ArrayList<>(offsets.size());
    offsets.forEach(
        (partition, offset) ->
            lines.add(partition.topic() + " " + partition.partition() + " " + offset));
    CheckpointText.write(storage, file, lines, OwnerBytes.of(directoryId));
  }

  /**
   * The offsets; empty when the file is absent, damaged or another directory's, which means
   * unknown.
   */
  public static Optional<Map<TopicPartition, Long>> read(
      Storage storage, Path file, UUID directoryId) throws IOException {
    Optional<List<String[]>> lines =
        CheckpointText.read(storage, file, 3, OwnerBytes.of(directoryId));
    if (lines.isEmpty()) {
      return Optional.empty();
    }
    Map<TopicPartition, Long> offsets = new LinkedHashMap<>();
    try {
      for (String[] line : lines.get()) {
        offsets.put(
            new TopicPartition(line[0], Integer.parseInt(line[1])), Long.parseLong(line[2]));
      }
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    return Optional.of(offsets);
  }
}
