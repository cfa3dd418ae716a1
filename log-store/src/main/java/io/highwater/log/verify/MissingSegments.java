package io.highwater.log.verify;

import io.highwater.log.io.Storage;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentManifest;
import io.highwater.proto.TopicIdPartition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Finds segments behind the last one that is there, the active one above all: their manifests are
 * there and know of batches, their log files are gone. No process that was killed leaves that
 * (REC-8); a power loss may. Changes nothing.
 */
public final class MissingSegments {
  private MissingSegments() {}

  /**
   * The first of them.
   *
   * @param names of the files that are there
   * @param found base offsets of the segments that are there
   * @param owner whose log it is: what is another's is not missed; empty when unknown
   */
  public static Optional<Problem> behind(
      Storage storage,
      Path directory,
      Collection<String> names,
      Collection<Long> found,
      Optional<TopicIdPartition> owner)
      throws IOException {
    long last = found.stream().mapToLong(base -> base).max().orElse(-1);
    TreeSet<Long> behind = new TreeSet<>();
    names.forEach(
        name -> SegmentFiles.offsetOf(name, SegmentFiles.MANIFEST).ifPresent(behind::add));
    for (long base : behind.tailSet(last, false)) {
      if (SegmentManifest.read(storage, directory, base)
          .filter(manifest -> owner.isEmpty() || !manifest.isForeign(owner.get()))
          .filter(SegmentManifest::isOfSomething)
          .isPresent()) {
        return Optional.of(
            Problem.of(
                SegmentFiles.path(directory, base, SegmentFiles.LOG),
                "it is missing; batches from offset " + base + " on were in it"));
      }
    }
    return Optional.empty();
  }
}
