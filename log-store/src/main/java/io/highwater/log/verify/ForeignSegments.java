package io.highwater.log.verify;

import io.highwater.log.io.Storage;
import io.highwater.log.segment.LogManifest;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentManifest;
import io.highwater.log.verify.SegmentIdentity.Mismatch;
import io.highwater.proto.TopicIdPartition;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether segments in the directory of a log are another's, whatever else is wrong there (STO-11).
 * Changes nothing.
 */
public final class ForeignSegments {
  private static final Logger LOG = LoggerFactory.getLogger(ForeignSegments.class);

  private ForeignSegments() {}

  /**
   * Looks at each segment's manifest, and the batches that it begins and ends with.
   *
   * @param owner whose log the directory is
   * @return also true when that does not read
   */
  public static boolean mayBeIn(Storage storage, Path directory, TopicIdPartition owner) {
    try {
      return areIn(storage, directory, owner);
    } catch (IOException e) {
      LOG.warn("whether {} holds another's files is not known, it does not read", directory, e);
      return true;
    }
  }

  private static boolean areIn(Storage storage, Path directory, TopicIdPartition owner)
      throws IOException {
    TreeSet<Long> found = new TreeSet<>();
    for (String name : storage.list(directory)) {
      SegmentFiles.offsetOf(name, SegmentFiles.LOG).ifPresent(found::add);
    }
    List<Long> bases = List.copyOf(found);
    LogManifest manifest = LogManifest.read(storage, directory).orElse(LogManifest.EMPTY);
    ManifestCheck check = new ManifestCheck(storage, directory, manifest, manifest.logStart());
    check.problems(bases);
    if (check.foundForeign()
        || manifest.isForeign(owner)
        || !MissingManifests.of(storage, directory, bases, manifest).isEmpty()) {
      return true;
    }
    for (long base : bases) {
      Optional<SegmentManifest> sidecar = SegmentManifest.read(storage, directory, base);
      if (sidecar.isPresent() && isForeign(storage, directory, sidecar.get(), owner)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isForeign(
      Storage storage, Path directory, SegmentManifest sidecar, TopicIdPartition owner)
      throws IOException {
    try {
      return sidecar.isForeign(owner)
          || SegmentIdentity.ofOpen(storage, directory, sidecar)
              .filter(Mismatch::foreign)
              .isPresent();
    } catch (NoSuchFileException e) {
      return false; // A link that leads nowhere.
    }
  }
}
