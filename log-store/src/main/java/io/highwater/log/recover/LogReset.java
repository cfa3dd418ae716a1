package io.highwater.log.recover;

import io.highwater.log.EpochHistory;
import io.highwater.log.LogContext;
import io.highwater.log.checkpoint.EpochCheckpoint;
import io.highwater.log.checkpoint.ResetIntention;
import io.highwater.log.io.Storage;
import io.highwater.log.segment.LogManifest;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * Empties a log and lets it begin at another offset. The intention is written down first, so that a
 * crash in between is finished at the next opening (REC-6).
 */
final class LogReset {
  private static final List<String> SUFFIXES =
      List.of(
          SegmentFiles.LOG,
          SegmentFiles.INDEX,
          SegmentFiles.TIME_INDEX,
          SegmentFiles.TRANSACTION_INDEX,
          SegmentFiles.MANIFEST,
          SegmentFiles.SNAPSHOT,
          SegmentFiles.SNAPSHOT_RECENT);

  private LogReset() {}

  /** Writes down that the log is to begin at {@code offset}; from here on there is no way back. */
  static void intend(LogContext context, long offset) throws IOException {
    ResetIntention.write(context.storage(), context.directory(), context.owner(), offset);
  }

  /**
   * Finishes a reset that a crash interrupted; returns its offset when there was one.
   *
   * @throws io.highwater.proto.HighwaterException KAFKA_STORAGE_ERROR when the file is damaged
   */
  static OptionalLong finishPending(LogContext context) throws IOException {
    OptionalLong offset =
        ResetIntention.read(context.storage(), context.directory(), context.owner());
    if (offset.isPresent()) {
      finish(context, offset.getAsLong()).segment().close();
    }
    return offset;
  }

  /** Does what was intended; durable when this returns. */
  static SegmentWriter finish(LogContext context, long offset) throws IOException {
    Storage storage = context.storage();
    Path directory = context.directory();
    context.checkpoints().resetTo(context.partition(), offset);
    LogManifest.delete(storage, directory);
    for (String name : storage.list(directory)) {
      for (String suffix : SUFFIXES) {
        if (SegmentFiles.offsetOf(name, suffix).isPresent()) {
          storage.deleteIfExists(directory.resolve(name));
        }
      }
    }
    EpochCheckpoint.write(storage, directory, context.owner(), EpochHistory.EMPTY);
    SegmentWriter tail =
        SegmentWriter.create(
            context.files(),
            offset,
            context.config().indexIntervalBytes(),
            context.openSegments(),
            context.clock().time());
    storage.syncDirectory(directory);
    storage.deleteIfExists(directory.resolve(ResetIntention.FILE_NAME));
    storage.syncDirectory(directory);
    return tail;
  }
}
