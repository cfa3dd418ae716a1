package io.highwater.log;

import io.highwater.log.checkpoint.EpochCheckpoint;
import io.highwater.log.checkpoint.PartitionMetadata;
import io.highwater.log.checkpoint.ResetIntention;
import io.highwater.log.io.AtomicFile;
import io.highwater.log.io.Storage;
import io.highwater.log.segment.LogManifest;
import io.highwater.log.segment.SegmentFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Which names in a partition's directory are a log's: no other is ever deleted (STO-12). */
public final class PartitionFiles {
  private static final Pattern OURS =
      Pattern.compile(
          "\\d{20}(\\.log|\\.index|\\.timeindex|\\.txnindex|\\.snapshot|\\.snapshot-recent|\\.manifest)"
              + "(\\.cleaned|\\.swap|\\.deleted)?"
              + "|("
              + String.join(
                  "|",
                  Pattern.quote(PartitionMetadata.FILE_NAME),
                  Pattern.quote(LogManifest.FILE_NAME),
                  Pattern.quote(EpochCheckpoint.FILE_NAME),
                  Pattern.quote(ResetIntention.FILE_NAME))
              + ")(\\.crc)?(\\.tmp)?");

  private PartitionFiles() {}

  /** Whether a file of that name is a log's, ours or Kafka's. */
  public static boolean isOurs(String name) {
    return OURS.matcher(name).matches();
  }

  /** Whether a file of that name is one that was being written when the process ended. */
  public static boolean isTemporary(String name) {
    return isOurs(name) && name.endsWith(AtomicFile.TEMPORARY_SUFFIX);
  }

  /** Whether a file of that name is one that compaction was writing, or putting in place. */
  public static boolean isOfCompaction(String name) {
    return isOurs(name)
        && (name.endsWith(SegmentFiles.CLEANED) || name.endsWith(SegmentFiles.SWAP));
  }

  /**
   * Deletes a log's files, and their directory if nothing else is in it. What links point to stays.
   *
   * @return what else is in it
   */
  static List<String> delete(Storage storage, Path directory) throws IOException {
    List<String> others = new ArrayList<>();
    for (String name : storage.list(directory)) {
      Path file = directory.resolve(name);
      if (isOurs(name) && (storage.isLink(file) || !storage.isDirectory(file))) {
        storage.deleteIfExists(file);
      } else {
        others.add(name);
      }
    }
    if (others.isEmpty()) {
      storage.deleteIfExists(directory);
    }
    return others;
  }
}
