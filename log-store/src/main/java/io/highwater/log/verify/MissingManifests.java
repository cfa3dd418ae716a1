package io.highwater.log.verify;

import io.highwater.log.checkpoint.PartitionMetadata;
import io.highwater.log.io.Storage;
import io.highwater.log.segment.LogManifest;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentManifest;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Finds segments that hold batches and of which nothing says whose they are, in a log in which
 * something always does (STO-11). Changes nothing.
 */
public final class MissingManifests {
  private MissingManifests() {}

  /**
   * Those of {@code bases} that are in neither manifest; none in a log that does not promise it, as
   * Kafka's and those of older versions.
   *
   * @param bases base offsets of the segments that are there, ascending
   * @param manifest of the log
   */
  public static List<Long> of(
      Storage storage, Path directory, Collection<Long> bases, LogManifest manifest)
      throws IOException {
    List<Long> found = new ArrayList<>();
    for (long base : bases) {
      boolean named = manifest.segments().stream().anyMatch(s -> s.baseOffset() == base);
      if (!named
          && !SegmentManifest.exists(storage, directory, base)
          && hasBytes(storage, directory, base)) {
        found.add(base);
      }
    }
    boolean promised =
        !found.isEmpty()
            && PartitionMetadata.read(storage, directory)
                .filter(PartitionMetadata::keepsManifests)
                .isPresent();
    return promised ? found : List.of();
  }

  private static boolean hasBytes(Storage storage, Path directory, long base) throws IOException {
    try {
      return storage.size(SegmentFiles.path(directory, base, SegmentFiles.LOG)) > 0;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** Such a segment, for people. */
  public static Problem problem(Path directory, long base) {
    return Problem.of(
        SegmentFiles.path(directory, base, SegmentFiles.LOG),
        "it has batches and no "
            + SegmentFiles.name(base, SegmentFiles.MANIFEST)
            + " beside it, which was written before the first of them: the file may be another"
            + " partition's. Put the partition's own files back; what is right in it 'log salvage'"
            + " can take over");
  }
}
