package io.highwater.log.recover;

import io.highwater.log.ForeignLogException;
import io.highwater.log.LogContext;
import io.highwater.log.segment.LogManifest;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentManifest;
import io.highwater.log.segment.SegmentSummary;
import io.highwater.log.verify.FileOwners;
import io.highwater.log.verify.MissingSegments;
import io.highwater.log.verify.Problem;
import io.highwater.log.verify.SegmentIdentity;
import io.highwater.log.verify.SegmentIdentity.Mismatch;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Refuses a log whose files say that they are another's, or whose active segment is not the one
 * that was written here (STO-11): its manifest has the batch that it begins with from the first
 * write on, and after a clean stop its size and the batch that it ends with. Sealed segments are
 * held against the log's manifest. Changes nothing.
 */
final class TailIdentity {
  private final LogContext context;
  private final LastKnown known;

  /**
   * @param known what the checkpoints say of the log
   */
  TailIdentity(LogContext context, LastKnown known) {
    this.context = context;
    this.known = known;
  }

  /** Refuses a log with the manifest of another. */
  void requireOwn(Optional<LogManifest> manifest) {
    if (manifest.isPresent() && manifest.get().isForeign(context.owner())) {
      throw foreign(LogManifest.FILE_NAME, manifest.get().owner().orElseThrow());
    }
  }

  /**
   * Refuses the last segment when it is another's, or was changed since a clean stop.
   *
   * @return what was written down of it
   */
  Optional<SegmentManifest> requireOwn(long baseOffset) throws IOException {
    Optional<SegmentManifest> sidecar =
        SegmentManifest.read(context.storage(), context.directory(), baseOffset);
    if (sidecar.isEmpty()) {
      return sidecar; // A power loss may have taken it; the comparison with the leader is left.
    }
    if (sidecar.get().isForeign(context.owner())) {
      throw foreign(
          SegmentFiles.name(baseOffset, SegmentFiles.MANIFEST),
          sidecar.get().owner().orElseThrow());
    }
    requireWritten(sidecar.get());
    return sidecar;
  }

  private void requireWritten(SegmentManifest sidecar) throws IOException {
    SegmentSummary tail = sidecar.segment();
    Path file = SegmentFiles.path(context.directory(), tail.baseOffset(), SegmentFiles.LOG);
    long bytes = context.storage().size(file);
    boolean whole = tail.sizeInBytes() == bytes && bytes > 0;
    Optional<Mismatch> mismatch =
        whole
            ? new SegmentIdentity(
                    context.storage(), context.directory(), tail.baseOffset(), tail.marks())
                .whole()
            : SegmentIdentity.ofOpen(context.storage(), context.directory(), sidecar);
    if (mismatch.filter(Mismatch::foreign).isPresent()) {
      throw foreign(context, mismatch.get().problem().toString());
    }
    // After a crash the end may be torn, and is cut (REC-1); not what was there before the kill.
    boolean sinceStop = isOfCleanStop(tail) && (mismatch.isPresent() || !whole);
    boolean sinceKill = known.stop() == LastStop.KILLED && isChanged(sidecar, bytes, mismatch);
    if (sinceStop || sinceKill) {
      throw changed(
          mismatch
              .map(Mismatch::problem)
              .orElse(
                  new Problem(
                      file,
                      Math.min(bytes, tail.sizeInBytes()),
                      "it has " + bytes + " bytes, before the stop " + tail.sizeInBytes())));
    }
  }

  /** A manifest that describes the whole file stands until the next write begins. */
  private static boolean isChanged(
      SegmentManifest sidecar, long bytes, Optional<Mismatch> mismatch) {
    long described = sidecar.segment().sizeInBytes();
    return sidecar.isOfSomething()
        && (mismatch.isPresent() || (described > 0 && described != bytes));
  }

  /**
   * Refuses a log of which the last segment's file is gone, though its manifest is there and knows
   * of batches: no process that was killed leaves that.
   *
   * @param names of the files that are there
   * @param found base offsets of the segments that are there
   */
  void requireNotMissing(List<String> names, Set<Long> found) throws IOException {
    if (known.stop() != LastStop.KILLED) {
      return;
    }
    Optional<Problem> missing =
        MissingSegments.behind(
            context.storage(), context.directory(), names, found, Optional.of(context.owner()));
    if (missing.isPresent()) {
      throw changed(missing.get());
    }
  }

  private boolean isOfCleanStop(SegmentSummary tail) {
    return known.clean() && tail.sizeInBytes() > 0 && tail.endOffset() == known.recoveryPoint();
  }

  private HighwaterException changed(Problem problem) {
    return new HighwaterException(
        ErrorCode.KAFKA_STORAGE_ERROR,
        context.partition() + " is damaged below its recovery point: " + problem);
  }

  private ForeignLogException foreign(String name, TopicIdPartition owner) {
    return foreign(
        context,
        context.directory().resolve(name)
            + ": it was written for "
            + FileOwners.nameOf(context.storage(), context.directory(), owner));
  }

  /** A log with a file in it that is another's. */
  static ForeignLogException foreign(LogContext context, String what) {
    return new ForeignLogException(
        context.partition() + " has a file that is not its own: " + what);
  }
}
