package io.highwater.log.segment;

import io.highwater.log.index.AbortedTransaction;
import io.highwater.log.index.OffsetIndex;
import io.highwater.log.index.SegmentIndexes;
import io.highwater.log.io.Storage;
import io.highwater.log.io.StorageFile;
import io.highwater.log.io.StorageFullException;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.BatchView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Writes at the tail of the log's last segment. Owner thread only; what it wrote is visible to
 * readers when a method returns.
 */
public final class SegmentWriter {
  private static final int INDEX_ENTRIES_PER_WRITE = 512;

  private final LogFiles files;
  private final Segment segment;
  private final SegmentData data;
  private final SegmentIndexes indexes;
  private final IndexFiles indexFiles;
  private final LogCrc crc;
  private final int generation;
  private long createdMs;
  private long lastAppendMs;
  private int size;
  private long firstCrc;
  private long lastCrc;
  private int lastPosition;
  private int lastEpoch;
  private boolean begun;
  private SegmentSummary completed;

  private SegmentWriter(
      LogFiles files,
      Segment segment,
      SegmentData data,
      IndexFiles indexFiles,
      SegmentSummary before,
      long createdMs) {
    this.files = files;
    this.segment = segment;
    this.data = data;
    this.indexes = data.indexes();
    this.indexFiles = indexFiles;
    this.crc = new LogCrc(before.logCrc());
    this.generation = before.generation();
    this.createdMs = createdMs;
    this.lastAppendMs = before.lastAppendMs();
    this.firstCrc = before.marks().firstCrc();
    this.lastCrc = before.marks().lastCrc();
    this.lastPosition = before.marks().lastPosition();
    this.lastEpoch = before.marks().lastEpoch();
    this.size = (int) before.sizeInBytes();
  }

  /**
   * Creates the files of a new segment.
   *
   * @throws IOException when it cannot; no file is left then
   */
  public static SegmentWriter create(
      LogFiles files,
      long baseOffset,
      int indexIntervalBytes,
      OpenSegments openSegments,
      long nowMs)
      throws IOException {
    Storage storage = files.storage();
    Path directory = files.directory();
    Segment segment =
        Segment.sealed(storage, directory, baseOffset, indexIntervalBytes, openSegments);
    StorageFile log = storage.open(segment.path(SegmentFiles.LOG), Storage.OpenMode.CREATE);
    IndexFiles indexFiles = new IndexFiles(storage, directory, baseOffset);
    SegmentData data = new SegmentData(log, new SegmentIndexes(baseOffset, indexIntervalBytes));
    try {
      SegmentManifest.ofCreated(files.owner(), baseOffset, nowMs).write(storage, directory);
      indexFiles.write(data.offsets(), data.times());
    } catch (IOException e) {
      data.release();
      segment.delete();
      throw e;
    }
    segment.pin(data, 0, nowMs);
    SegmentSummary empty =
        new SegmentSummary(baseOffset, baseOffset, 0, 0, 0, nowMs, SegmentMarks.NONE);
    return new SegmentWriter(files, segment, data, indexFiles, empty, nowMs);
  }

  /**
   * Goes on with a segment that is there, cut to {@code position} bytes. A manifest that describes
   * more says then what stays; else it is right until the first write.
   *
   * @param position end of the last batch that stays
   * @param endOffset exclusive end of that batch
   */
  public static SegmentWriter resume(
      LogFiles files,
      Segment segment,
      int indexIntervalBytes,
      int position,
      long endOffset,
      long nowMs)
      throws IOException {
    Storage storage = files.storage();
    Path directory = files.directory();
    Optional<SegmentManifest> manifest =
        SegmentManifest.read(storage, directory, segment.baseOffset())
            .filter(known -> !known.isForeign(files.owner()));
    long createdMs = manifest.map(SegmentManifest::createdMs).orElse(nowMs);
    SegmentData cold = segment.acquire();
    StorageFile log = null;
    try {
      log = storage.open(segment.path(SegmentFiles.LOG), Storage.OpenMode.WRITE);
      if (log.size() > position) {
        truncate(log, files, manifest.map(SegmentManifest::segment), segment, position, createdMs);
      }
      int relativeEnd = (int) Math.min(endOffset - segment.baseOffset(), Integer.MAX_VALUE);
      cold.offsets().truncateToPosition(position);
      cold.times().truncateTo(relativeEnd);
      SegmentIndexes indexes =
          new SegmentIndexes(
              segment.baseOffset(),
              indexIntervalBytes,
              cold.offsets(),
              cold.times(),
              cold.transactions().truncatedTo(endOffset));
      SegmentScanner tail =
          new SegmentScanner(
              log, cold.offsets().lastPosition(), position, SegmentScanner.Depth.HEADERS);
      SegmentMarks marks = manifest.map(known -> known.segment().marks()).orElse(SegmentMarks.NONE);
      while (tail.next()) {
        indexes.resume(tail.batch());
        marks = marks.with(tail.batch().crc(), tail.position(), tail.batch().leaderEpoch());
      }
      SegmentData data = new SegmentData(log, indexes);
      // Written anew as a whole: the files may hold anything.
      IndexFiles indexFiles = new IndexFiles(storage, directory, segment.baseOffset());
      try {
        indexFiles.write(data.offsets(), data.times());
      } catch (StorageFullException e) {
        indexFiles.restart(); // Derived data: reading must go on, the next write tries again.
      }
      SegmentSummary before =
          summaryOf(manifest, segment.baseOffset(), endOffset, position, marks, nowMs);
      segment.pin(data, position, before.lastAppendMs());
      return new SegmentWriter(files, segment, data, indexFiles, before, createdMs);
    } catch (IOException | RuntimeException e) {
      if (log != null) {
        log.close();
      }
      throw e;
    } finally {
      cold.release();
    }
  }

  /** In between, the manifest is right for the file before and after (STO-11). */
  private static void truncate(
      StorageFile log,
      LogFiles files,
      Optional<SegmentSummary> known,
      Segment segment,
      int position,
      long createdMs)
      throws IOException {
    int generation = known.map(SegmentSummary::generation).orElse(0);
    SegmentMarks beginning = SegmentManifest.beginning(firstCrc(log));
    long base = segment.baseOffset();
    SegmentManifest.ofOpen(files.owner(), base, generation, createdMs, beginning)
        .write(files.storage(), files.directory());
    log.truncate(position);
    if (position == 0) {
      SegmentManifest.ofOpen(files.owner(), base, generation, createdMs, SegmentMarks.NONE)
          .write(files.storage(), files.directory());
    }
  }

  private static long firstCrc(StorageFile log) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(BatchLayout.HEADER_BYTES);
    log.readFully(header, 0);
    return header.hasRemaining()
        ? SegmentMarks.UNKNOWN
        : Integer.toUnsignedLong(header.getInt(BatchLayout.CRC));
  }

  /** Of a file that was cut the checksum is not known. */
  private static SegmentSummary summaryOf(
      Optional<SegmentManifest> manifest,
      long baseOffset,
      long endOffset,
      int position,
      SegmentMarks marks,
      long nowMs) {
    long crc = position == 0 ? 0 : LogCrc.UNKNOWN;
    int generation = 0;
    long lastAppendMs = nowMs;
    if (manifest.isPresent()) {
      SegmentSummary known = manifest.get().segment();
      crc = known.sizeInBytes() == position ? known.logCrc() : crc;
      generation = known.generation();
      lastAppendMs = known.lastAppendMs();
    }
    return new SegmentSummary(
        baseOffset,
        endOffset,
        position,
        crc,
        generation,
        lastAppendMs,
        position == 0 ? SegmentMarks.NONE : marks);
  }

  /** Gives the descriptor back until the next use, as {@link StorageFile#rest}. */
  public void rest() throws IOException {
    data.log().rest();
  }

  /** The segment written to. */
  public Segment segment() {
    return segment;
  }

  /** Bytes in it. */
  public int size() {
    return size;
  }

  /** Wall clock of its first append, ms since 1970. */
  public long createdMs() {
    return createdMs;
  }

  /** Bytes of the offset index. */
  public int indexBytes() {
    return data.offsets().count() * OffsetIndex.ENTRY_BYTES;
  }

  /**
   * Writes the bytes of whole batches. On failure any part of them may be in the file: call {@link
   * #cutBack} (STO-7). The first write since the opening says in the manifest whose segment it is
   * and what it begins with, before the bytes are there (STO-11).
   *
   * @param bytes in their order of writing; consumed
   */
  public void write(ByteBuffer bytes, long nowMs) throws IOException {
    boolean first = size == 0;
    if (first) {
      createdMs = nowMs;
    }
    if (first || !begun) {
      begin(bytes);
    }
    int start = bytes.position();
    data.log().writeFully(bytes, size);
    if (first) {
      describe(SegmentManifest.begun(firstCrc, bytes.getInt(start + BatchLayout.LEADER_EPOCH)));
    }
    crc.update(bytes.position(start));
    lastAppendMs = nowMs;
  }

  private void begin(ByteBuffer bytes) throws IOException {
    if (size == 0) {
      firstCrc = Integer.toUnsignedLong(bytes.getInt(bytes.position() + BatchLayout.CRC));
    } else if (firstCrc == SegmentMarks.UNKNOWN) {
      firstCrc = firstCrc(data.log());
    }
    describe(
        size == 0
            ? SegmentManifest.beginning(firstCrc)
            : SegmentManifest.begun(firstCrc, lastEpoch));
    begun = true;
  }

  private void describe(SegmentMarks marks) throws IOException {
    SegmentManifest.ofOpen(files.owner(), segment.baseOffset(), generation, createdMs, marks)
        .write(files.storage(), files.directory());
  }

  /** Takes away what a failed write may have left. */
  public void cutBack() throws IOException {
    data.log().truncate(size);
  }

  /** Indexes a batch that was just written at the tail, and counts it in. */
  public void wrote(BatchView batch) {
    indexes.add(batch, size);
    lastCrc = batch.crc();
    lastPosition = size;
    lastEpoch = batch.leaderEpoch();
    size += batch.sizeInBytes();
  }

  /** Takes note of what the batch written last aborted. */
  public void aborted(AbortedTransaction transaction) {
    indexes.add(transaction);
  }

  /** Shows what was written to readers. */
  public void publish() {
    segment.publish(size, lastAppendMs);
  }

  /** Whether so many index entries have gathered that they should be written. */
  public boolean indexesDue() {
    return indexFiles.pending(data.offsets()) >= INDEX_ENTRIES_PER_WRITE;
  }

  /** Writes the index entries that are in memory only; may be repeated after a failure. */
  public void writeIndexes() throws IOException {
    indexFiles.write(data.offsets(), data.times());
  }

  /**
   * Completes the index files and writes the manifest: all that a segment needs before another
   * becomes the tail. May be repeated after a failure; the segment stays writable.
   */
  public void complete(long endOffset) throws IOException {
    indexes.seal();
    writeIndexes();
    SegmentSummary summary =
        new SegmentSummary(
            segment.baseOffset(),
            endOffset,
            size,
            crc.value(),
            generation,
            lastAppendMs,
            new SegmentMarks(firstCrc, lastCrc, lastPosition, lastEpoch));
    IndexRebuilder.writeManifest(files, indexes, summary, createdMs);
    begun =
        false; // What is written after it, if it is not the segment's end, it does not describe.
    completed = summary;
  }

  /** Ends the writing, after {@link #complete}. */
  public void seal() {
    segment.seal(completed);
  }
}
