package io.highwater.log.recover;

import io.highwater.log.EpochEnd;
import io.highwater.log.EpochHistory;
import io.highwater.log.LogContext;
import io.highwater.log.index.AbortedTransaction;
import io.highwater.log.index.SegmentIndexes;
import io.highwater.log.io.Storage;
import io.highwater.log.io.StorageFile;
import io.highwater.log.io.StorageFullException;
import io.highwater.log.producer.ProducerStates;
import io.highwater.log.segment.IndexRebuilder;
import io.highwater.log.segment.LogCrc;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentManifest;
import io.highwater.log.segment.SegmentMarks;
import io.highwater.log.segment.SegmentScanner;
import io.highwater.log.segment.SegmentSummary;
import io.highwater.log.verify.Problem;
import io.highwater.log.verify.SegmentCheck;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.BatchView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;
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
  private final Gaps gaps;
  private final Optional<EpochHistory> recorded;
  private final Map<Long, SegmentSummary> checked = new HashMap<>();
  private EpochHistory epochs;
  private SegmentIndexes indexes;
  private SegmentCheck bytes;
  private long end;
  private long checkedBytes;
  private int soundBytes;
  private int fileBytes;
  private SegmentMarks marks = SegmentMarks.NONE;
  private String problem;

  /**
   * A walk that begins at {@code start}.
   *
   * @param epochs of the log before {@code start}
   * @param producers as of {@code producersFrom}
   * @param gaps where offsets may be missing
   * @param recorded the epochs that records can be of, if that is known for certain
   */
  SegmentRecovery(
      LogContext context,
      long start,
      EpochHistory epochs,
      ProducerStates producers,
      long producersFrom,
      Gaps gaps,
      Optional<EpochHistory> recorded) {
    this.context = context;
    this.end = start;
    this.epochs = epochs;
    this.producers = producers;
    this.producersFrom = producersFrom;
    this.gaps = gaps;
    this.recorded = recorded;
    this.nowMs = context.clock().time();
  }

  /** Walks a segment whose bytes are trusted, by its headers; returns whether it is whole. */
  boolean follow(long baseOffset) throws IOException {
    indexes = null;
    bytes = null;
    return walk(baseOffset);
  }

  /**
   * Walks a segment as far as its bytes are sound and writes its indexes anew; returns whether it
   * is whole.
   *
   * @param found what a check of its bytes came to
   */
  boolean check(long baseOffset, SegmentCheck found) throws IOException {
    indexes = new SegmentIndexes(baseOffset, context.config().indexIntervalBytes());
    bytes = found;
    boolean whole = walk(baseOffset);
    checkedBytes += fileBytes;
    if (whole) {
      writeIndexes(baseOffset);
    }
    return whole;
  }

  /** Cuts the segment that was just checked at the end of its last sound batch. */
  void cut(long baseOffset) throws IOException {
    try (StorageFile log = context.storage().open(logOf(baseOffset), Storage.OpenMode.WRITE)) {
      log.truncate(soundBytes);
      log.force();
    }
    writeIndexes(baseOffset);
    SegmentManifest.force(context.storage(), context.directory(), baseOffset);
  }

  /** On a full disk the log still opens: without a manifest the indexes are rebuilt when needed. */
  private void writeIndexes(long baseOffset) throws IOException {
    Optional<SegmentManifest> written =
        SegmentManifest.read(context.storage(), context.directory(), baseOffset);
    // One that does not read was torn: what is left of it may name any batch.
    boolean mayComeBack =
        written.isPresent()
            ? written.get().namesOther(marks.firstCrc())
            : SegmentManifest.exists(context.storage(), context.directory(), baseOffset);
    Optional<SegmentManifest> before =
        written
            .filter(manifest -> !manifest.isForeign(context.owner()))
            .filter(manifest -> manifest.segment().sizeInBytes() == fileBytes);
    SegmentSummary summary =
        new SegmentSummary(
            baseOffset,
            end,
            soundBytes,
            soundBytes == bytes.bytes() ? bytes.crc() : LogCrc.UNKNOWN,
            before.map(manifest -> manifest.segment().generation()).orElse(0),
            before.map(manifest -> manifest.segment().lastAppendMs()).orElse(nowMs),
            marks);
    checked.put(baseOffset, summary);
    try {
      IndexRebuilder.write(
          context.files(), indexes, summary, before.map(SegmentManifest::createdMs).orElse(nowMs));
      if (mayComeBack) {
        SegmentManifest.force(context.storage(), context.directory(), baseOffset);
      }
    } catch (StorageFullException e) {
      LOG.warn("no space for the indexes of {}", context.partition(), e);
    }
  }

  private Path logOf(long baseOffset) {
    return SegmentFiles.path(context.directory(), baseOffset, SegmentFiles.LOG);
  }

  private boolean walk(long baseOffset) throws IOException {
    soundBytes = 0;
    fileBytes = 0;
    marks = SegmentMarks.NONE;
    if (!gaps.allowSegment(end, baseOffset)) {
      problem = "segment " + baseOffset + " where offset " + end + " is due";
      return false;
    }
    end = baseOffset;
    try (StorageFile log = context.storage().open(logOf(baseOffset), Storage.OpenMode.READ)) {
      fileBytes = (int) Math.min(log.size(), Integer.MAX_VALUE);
      int limit = bytes == null ? fileBytes : (int) bytes.bytes();
      SegmentScanner scan = new SegmentScanner(log, 0, limit, SegmentScanner.Depth.HEADERS);
      while (scan.next()) {
        problem = problemOf(scan.batch());
        if (problem != null) {
          return false;
        }
        takeIn(scan.batch(), scan.position());
        soundBytes = scan.nextPosition();
      }
      problem = scan.problem();
      if (problem == null && bytes != null) {
        problem = bytes.problem().map(Problem::what).orElse(null);
      }
      return problem == null;
    }
  }

  private String problemOf(BatchView batch) {
    if (!gaps.allowBatch(end, batch.baseOffset())) {
      return "batch at offset " + batch.baseOffset() + " where " + end + " is due";
    }
    if (batch.leaderEpoch() < Math.max(0, epochs.lastEpoch())) {
      return "batch of epoch " + batch.leaderEpoch() + " after " + epochs.lastEpoch();
    }
    if (recorded.isPresent() && !isRecorded(batch)) {
      return "batch of epoch " + batch.leaderEpoch() + ", which did not begin before it";
    }
    return null;
  }

  /** STO-4: an epoch is written down before its first record, and no checksum covers it here. */
  private boolean isRecorded(BatchView batch) {
    int epoch = recorded.get().epochAt(batch.baseOffset());
    return epoch == EpochEnd.NONE || epoch == batch.leaderEpoch();
  }

  private void takeIn(BatchView batch, int position) {
    marks = marks.with(batch.crc(), position, batch.leaderEpoch());
    epochs = epochs.assign(batch.leaderEpoch(), batch.baseOffset());
    AbortedTransaction aborted =
        batch.baseOffset() >= producersFrom ? producers.update(batch, nowMs) : null;
    if (indexes != null) {
      indexes.add(batch, position);
      if (aborted != null) {
        indexes.add(aborted);
      }
    }
    end = batch.nextOffset();
  }

  /** The segment just walked ends there: behind its last batch a gap may lie. */
  void endsAt(long endOffset) {
    end = Math.max(end, endOffset);
  }

  /** Exclusive end of the sound batches so far. */
  long end() {
    return end;
  }

  /** Epochs of the log so far. */
  EpochHistory epochs() {
    return epochs;
  }

  /** What a segment holds that was checked, and cut if need be. */
  SegmentSummary checked(long baseOffset) {
    return checked.get(baseOffset);
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

  /**
   * Whether the file walked last ends before the batch does that is not sound: a write that was
   * only begun.
   */
  boolean stopsWithinBatch(long baseOffset) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(BatchLayout.HEADER_BYTES);
    try (StorageFile log = context.storage().open(logOf(baseOffset), Storage.OpenMode.READ)) {
      log.readFully(header, soundBytes);
    }
    if (header.hasRemaining()) {
      return true;
    }
    BatchView batch = new BatchView().wrap(new UnsafeBuffer(header.array()), 0);
    return batch.magic() == BatchLayout.MAGIC_V2 && batch.sizeInBytes() > fileBytes - soundBytes;
  }

  /** Why the walk stopped, or null. */
  String problem() {
    return problem;
  }
}
