package io.highwater.log.recover;

import io.highwater.log.EpochHistory;
import io.highwater.log.LogContext;
import io.highwater.log.index.SegmentIndexes;
import io.highwater.log.io.Storage;
import io.highwater.log.io.StorageFile;
import io.highwater.log.io.StorageFullException;
import io.highwater.log.producer.ProducerStates;
import io.highwater.log.segment.IndexRebuilder;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentScanner;
import io.highwater.proto.record.BatchView;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Walks the segments of a log in order and carries along what is derived from the batches: the end
 * offset, the epochs, the producers and, where the bytes are not trusted, the indexes. Stops at the
 * first byte that does not continue the log (REC-1).
 */
final class SegmentRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentRecovery.class);

  private final LogContext context;
  private final ProducerStates producers;
  private final long producersFrom;
  private final long nowMs;
  private EpochHistory epochs;
  private SegmentIndexes indexes;
  private long end;
  private long checkedBytes;
  private int soundBytes;
  private int fileBytes;
  private String problem;

  /**
   * A walk that begins at {@code start}.
   *
   * @param epochs of the log before {@code start}
   * @param producers as of {@code producersFrom}
   */
  SegmentRecovery(
      LogContext context,
      long start,
      EpochHistory epochs,
      ProducerStates producers,
      long producersFrom) {
    this.context = context;
    this.end = start;
    this.epochs = epochs;
    this.producers = producers;
    this.producersFrom = producersFrom;
    this.nowMs = context.clock().time();
  }

  /** Walks a segment whose bytes are trusted, by its headers; returns whether it is whole. */
  boolean follow(long baseOffset) throws IOException {
    indexes = null;
    return walk(baseOffset, SegmentScanner.Depth.HEADERS);
  }

  /** Checks every byte of a segment and writes its indexes anew; returns whether it is whole. */
  boolean check(long baseOffset) throws IOException {
    indexes = new SegmentIndexes(baseOffset, context.config().indexIntervalBytes());
    boolean whole = walk(baseOffset, SegmentScanner.Depth.WHOLE);
    checkedBytes += fileBytes;
    if (whole) {
      writeIndexes();
    }
    return whole;
  }

  /** Cuts the segment that was just checked at the end of its last sound batch. */
  void cut(long baseOffset) throws IOException {
    try (StorageFile log = context.storage().open(logOf(baseOffset), Storage.OpenMode.WRITE)) {
      log.truncate(soundBytes);
      log.force();
    }
    writeIndexes();
  }

  /** On a full disk the log still opens: without a manifest the indexes are rebuilt when needed. */
  private void writeIndexes() throws IOException {
    try {
      IndexRebuilder.write(context.storage(), context.directory(), indexes, end, soundBytes, nowMs);
    } catch (StorageFullException e) {
      LOG.warn("no space for the indexes of {}", context.partition(), e);
    }
  }

  private Path logOf(long baseOffset) {
    return SegmentFiles.path(context.directory(), baseOffset, SegmentFiles.LOG);
  }

  private boolean walk(long baseOffset, SegmentScanner.Depth depth) throws IOException {
    soundBytes = 0;
    fileBytes = 0;
    if (baseOffset != end) {
      problem = "segment " + baseOffset + " where offset " + end + " is due";
      return false;
    }
    try (StorageFile log = context.storage().open(logOf(baseOffset), Storage.OpenMode.READ)) {
      fileBytes = (int) Math.min(log.size(), Integer.MAX_VALUE);
      SegmentScanner scan = new SegmentScanner(log, 0, fileBytes, depth);
      while (scan.next()) {
        problem = problemOf(scan.batch(), depth);
        if (problem != null) {
          return false;
        }
        takeIn(scan.batch(), scan.position());
        soundBytes = scan.nextPosition();
      }
      problem = scan.problem();
      return problem == null;
    }
  }

  private String problemOf(BatchView batch, SegmentScanner.Depth depth) {
    if (batch.baseOffset() != end) {
      return "batch at offset " + batch.baseOffset() + " where " + end + " is due";
    }
    if (batch.leaderEpoch() < Math.max(0, epochs.lastEpoch())) {
      return "batch of epoch " + batch.leaderEpoch() + " after " + epochs.lastEpoch();
    }
    if (depth == SegmentScanner.Depth.WHOLE && !batch.crcMatches()) {
      return "batch at offset " + end + " fails its CRC";
    }
    return null;
  }

  private void takeIn(BatchView batch, int position) {
    epochs = epochs.assign(batch.leaderEpoch(), batch.baseOffset());
    if (batch.baseOffset() >= producersFrom) {
      producers.update(batch, nowMs);
    }
    if (indexes != null) {
      indexes.add(batch, position);
    }
    end = batch.nextOffset();
  }

  /** Exclusive end of the sound batches so far. */
  long end() {
    return end;
  }

  /** Epochs of the log so far. */
  EpochHistory epochs() {
    return epochs;
  }

  /** Bytes whose CRC was checked. */
  long checkedBytes() {
    return checkedBytes;
  }

  /** Sound bytes of the segment walked last. */
  int soundBytes() {
    return soundBytes;
  }

  /** Bytes of the file walked last. */
  int fileBytes() {
    return fileBytes;
  }

  /** Why the walk stopped, or null. */
  String problem() {
    return problem;
  }
}
