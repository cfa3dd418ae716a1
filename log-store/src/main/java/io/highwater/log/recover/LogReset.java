package io.highwater.log.recover;

import io.highwater.log.EpochHistory;
import io.highwater.log.LogContext;
import io.highwater.log.checkpoint.EpochCheckpoint;
import io.highwater.log.io.AtomicFile;
import io.highwater.log.io.Storage;
import io.highwater.log.segment.LogManifest;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentWriter;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Empties a log and lets it begin at another offset. The intention is written down first, so that a
 * crash in between is finished at the next opening (REC-6).
 */
final class LogReset {
  private static final String INTENTION = "reset-to";
  private static final int MAX_BYTES = 32;
  private static final Pattern OFFSET = Pattern.compile("\\d{1,18}");
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
    byte[] text = Long.toString(offset).getBytes(StandardCharsets.US_ASCII);
    AtomicFile.write(context.storage(), context.directory().resolve(INTENTION), text);
  }

  /** Finishes a reset that a crash interrupted; returns its offset when there was one. */
  static OptionalLong finishPending(LogContext context) throws IOException {
    byte[] text;
    try {
      text = context.storage().readAll(context.directory().resolve(INTENTION), MAX_BYTES);
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    }
    String intended = new String(text, StandardCharsets.US_ASCII);
    if (!OFFSET.matcher(intended).matches()) {
      throw new HighwaterException(
          ErrorCode.KAFKA_STORAGE_ERROR,
          context.partition() + " has a damaged " + INTENTION + " file: '" + intended + "'");
    }
    long offset = Long.parseLong(intended);
    finish(context, offset).segment().close();
    return OptionalLong.of(offset);
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
    EpochCheckpoint.write(storage, directory, EpochHistory.EMPTY);
    SegmentWriter tail =
        SegmentWriter.create(
            storage,
            directory,
            offset,
            context.config().indexIntervalBytes(),
            context.openSegments(),
            context.clock().time());
    storage.syncDirectory(directory);
    storage.deleteIfExists(directory.resolve(INTENTION));
    storage.syncDirectory(directory);
    return tail;
  }
}
