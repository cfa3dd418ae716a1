package io.highwater.log.recover;

import io.highwater.log.LogContext;
import io.highwater.log.io.Storage;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentManifest;
import io.highwater.log.verify.MissingManifests;
import io.highwater.log.verify.Problem;
import io.highwater.log.verify.SegmentIdentity;
import io.highwater.log.verify.SegmentIdentity.Mismatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Segments in which nothing was written here as far as is known, or only was to be, and other
 * batches are found after a crash: another log's files (STO-11), or what a power loss kept of bytes
 * that were never flushed. Nobody can tell which, and none of it was promised to anybody: it is
 * kept beside the log, and the segment begins anew.
 */
final class UnwrittenTail {
  private static final Logger LOG = LoggerFactory.getLogger(UnwrittenTail.class);
  private static final String SUFFIX = SegmentFiles.LOG + ".stray";

  private UnwrittenTail() {}

  /**
   * Sets aside what is in the active segment, if its manifest does not say that anything was
   * written: that is durable before what is written is. The batch that it names may be one that a
   * full disk refused.
   */
  static void setAsideIfUnwritten(LogContext context, long baseOffset) throws IOException {
    Storage storage = context.storage();
    Path directory = context.directory();
    Optional<SegmentManifest> sidecar =
        SegmentManifest.read(storage, directory, baseOffset)
            .filter(manifest -> !manifest.isForeign(context.owner()))
            .filter(manifest -> manifest.owner().isPresent() && !manifest.isOfSomething());
    if (sidecar.isEmpty()) {
      return;
    }
    Optional<Mismatch> found =
        SegmentIdentity.ofOpen(storage, directory, sidecar.get()).filter(Mismatch::foreign);
    if (found.isEmpty()) {
      return;
    }
    Path log = setAside(context, baseOffset, found.get().problem());
    storage.open(log, Storage.OpenMode.CREATE).close();
    storage.syncDirectory(directory);
  }

  /**
   * Sets aside segments of which nothing says whose they are, and leaves no file of theirs.
   *
   * @param bases their base offsets, ascending
   */
  static void setAside(LogContext context, List<Long> bases) throws IOException {
    for (int i = bases.size() - 1; i >= 0; i--) { // From the back: a crash leaves no hole.
      long base = bases.get(i);
      setAside(context, base, MissingManifests.problem(context.directory(), base));
      for (String suffix : SegmentFiles.OF_SEGMENT) {
        context.storage().deleteIfExists(SegmentFiles.path(context.directory(), base, suffix));
      }
    }
    context.storage().syncDirectory(context.directory());
  }

  private static Path setAside(LogContext context, long baseOffset, Problem found)
      throws IOException {
    Path log = SegmentFiles.path(context.directory(), baseOffset, SegmentFiles.LOG);
    Path stray =
        unused(context.storage(), SegmentFiles.path(context.directory(), baseOffset, SUFFIX));
    LOG.error(
        "{}. Nothing of it was flushed before the crash. It is kept as {}, and the log goes on from"
            + " offset {}",
        found,
        stray.getFileName(),
        baseOffset);
    context.storage().rename(log, stray);
    return log;
  }

  private static Path unused(Storage storage, Path wanted) throws IOException {
    Path path = wanted;
    for (int i = 1; storage.isLink(path) || storage.exists(path); i++) {
      path = wanted.resolveSibling(wanted.getFileName() + String.valueOf(i));
    }
    return path;
  }
}
