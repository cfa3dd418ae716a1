package io.highwater.log.recover;

import io.highwater.log.LogContext;
import io.highwater.log.io.Storage;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentManifest;
import io.highwater.log.verify.SegmentIdentity;
import io.highwater.log.verify.SegmentIdentity.Mismatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An active segment in which nothing was written here, and batches are found after a crash: another
 * log's file (STO-11), or what a power loss kept of bytes that were never flushed. Nobody can tell
 * which, and none of it was promised to anybody: it is kept beside the log, and the segment begins
 * anew.
 */
final class UnwrittenTail {
  private static final Logger LOG = LoggerFactory.getLogger(UnwrittenTail.class);
  private static final String SUFFIX = SegmentFiles.LOG + ".stray";

  private UnwrittenTail() {}

  /** Sets aside what is in the segment, if it is such a one. */
  static void setAside(LogContext context, long baseOffset) throws IOException {
    Storage storage = context.storage();
    Path directory = context.directory();
    Optional<SegmentManifest> sidecar =
        SegmentManifest.read(storage, directory, baseOffset)
            .filter(manifest -> !manifest.isForeign(context.owner()) && manifest.isOfNothing());
    if (sidecar.isEmpty()) {
      return;
    }
    Optional<Mismatch> found = SegmentIdentity.ofOpen(storage, directory, sidecar.get());
    if (found.isEmpty()) {
      return;
    }
    Path log = SegmentFiles.path(directory, baseOffset, SegmentFiles.LOG);
    Path stray = unused(storage, SegmentFiles.path(directory, baseOffset, SUFFIX));
    LOG.error(
        "{}: nothing was written there before the crash. It is kept as {}, and the segment begins"
            + " anew",
        found.get().problem(),
        stray.getFileName());
    storage.rename(log, stray);
    storage.open(log, Storage.OpenMode.CREATE).close();
    storage.syncDirectory(directory);
  }

  private static Path unused(Storage storage, Path wanted) throws IOException {
    Path path = wanted;
    for (int i = 1; storage.isLink(path) || storage.exists(path); i++) {
      path = wanted.resolveSibling(wanted.getFileName() + String.valueOf(i));
    }
    return path;
  }
}
