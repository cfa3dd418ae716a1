package io.highwater.log.checkpoint;

import io.highwater.log.EpochHistory;
import io.highwater.log.io.AtomicFile;
import io.highwater.log.io.Storage;
import io.highwater.proto.TopicIdPartition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The {@code leader-epoch-checkpoint} of a partition, in Kafka's format (KIP-101). */
public final class EpochCheckpoint {
  /** The file's name. */
  public static final String FILE_NAME = "leader-epoch-checkpoint";

  private EpochCheckpoint() {}

  /**
   * Replaces the file in {@code directory}; durable when this returns.
   *
   * @param owner whose epochs they are
   */
  public static void write(
      Storage storage, Path directory, TopicIdPartition owner, EpochHistory history)
      throws IOException {
    List<String> lines = new ArrayList<>();
    for (EpochHistory.Entry entry : history.entries()) {
      lines.add(entry.epoch() + " " + entry.startOffset());
    }
    CheckpointText.write(storage, directory.resolve(FILE_NAME), lines, OwnerBytes.of(owner));
  }

  /** Whether we wrote the file: then it was durable before any record of an epoch that it has. */
  public static boolean isAheadOfLog(Storage storage, Path directory) throws IOException {
    return AtomicFile.isChecked(storage, directory.resolve(FILE_NAME));
  }

  /**
   * The history; empty when the file is absent, damaged or another partition's: it must be rebuilt
   * from the log.
   */
  public static Optional<EpochHistory> read(Storage storage, Path directory, TopicIdPartition owner)
      throws IOException {
    Optional<List<String[]>> lines =
        CheckpointText.read(storage, directory.resolve(FILE_NAME), 2, OwnerBytes.of(owner));
    if (lines.isEmpty()) {
      return Optional.empty();
    }
    List<EpochHistory.Entry> entries = new ArrayList<>();
    try {
      for (String[] line : lines.get()) {
        entries.add(new EpochHistory.Entry(Integer.parseInt(line[0]), Long.parseLong(line[1])));
      }
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
    for (int i = 0; i < entries.size(); i++) {
      EpochHistory.Entry entry = entries.get(i);
      boolean ascends =
          i == 0
              ? entry.epoch() >= 0 && entry.startOffset() >= 0
              : entry.epoch() > entries.get(i - 1).epoch()
                  && entry.startOffset() > entries.get(i - 1).startOffset();
      if (!ascends) {
        return Optional.empty();
      }
    }
    return Optional.of(EpochHistory.of(entries));
  }
}
