package io.highwater.log.segment;

import io.highwater.log.io.AtomicFile;
import io.highwater.log.io.Storage;
import io.highwater.proto.TopicIdPartition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which sealed segments a log has, {@code segments.manifest} in its directory: what makes a segment
 * that is cut at a batch boundary, missing, doubled or an older copy visible, which no batch can
 * tell (REC-3). It names segments that were forced to the disk and no other; the segment that
 * begins where the last of them ends was on the disk as well when it was written.
 *
 * <pre>
 * i32 version 2 | i64 i64 topic id | i32 partition | i32 flags: 1 gaps | i64 log start | i32 count
 *   | count * (i64 base offset | i64 end offset | i64 log bytes | i64 CRC32C of .log, -1: unknown | i32 generation
 *              | i64 ms of the last append | i32 last epoch | i64 CRC of the first batch | i64 CRC of the last
 *              | i32 its position)
 *   | i64 tombstone horizon
 *   | i32 CRC32C of all before
 * </pre>
 *
 * <p>Version 1 had neither owner nor batches.
 *
 * @param owner whose log it is (STO-11); empty when nothing is on the disk, or a version before
 *     that wrote it
 * @param gaps whether the log was ever compacted, or followed one that was: offsets may be missing
 * @param logStart of the log when this was written: it never goes back (RET-1)
 * @param segments in ascending order
 * @param tombstoneHorizon exclusive end of the offsets below which tombstones or markers were
 *     dropped, here or in the log that this one was copied from; 0 when none were (CMP-6)
 */
public record LogManifest(
    Optional<TopicIdPartition> owner,
    boolean gaps,
    long logStart,
    List<SegmentSummary> segments,
    long tombstoneHorizon) {
  /** The file's name. */
  public static final String FILE_NAME = "segments.manifest";

  /** Of a log without sealed segments. */
  public static final LogManifest EMPTY = new LogManifest(Optional.empty(), false, 0, List.of(), 0);

  private static final int VERSION = 2;
  private static final int VERSION_WITHOUT_OWNER = 1;
  private static final int GAPS = 1;
  private static final int HEADER_BYTES = 4 + 4 + 8 + 4;
  private static final int HORIZON_BYTES = 8;
  private static final int MAX_BYTES = 64 << 20;

  public LogManifest {
    segments = List.copyOf(segments);
  }

  /** Exclusive end of the last segment; the log start without segments. */
  public long endOffset() {
    return segments.isEmpty() ? logStart : segments.get(segments.size() - 1).endOffset();
  }

  /** Whether it says that the log is another partition's. */
  public boolean isForeign(TopicIdPartition partition) {
    return owner.isPresent() && !owner.get().equals(partition);
  }

  /** Whether another says the same of the log, whoever wrote it. */
  public boolean saysTheSameAs(LogManifest other) {
    return gaps == other.gaps
        && logStart == other.logStart
        && tombstoneHorizon == other.tombstoneHorizon
        && segments.equals(other.segments);
  }

  /** Replaces the file; durable when this returns. There is an owner. */
  public void write(Storage storage, Path directory) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(
            Owner.BYTES
                + HEADER_BYTES
                + segments.size() * SegmentSummary.BYTES
                + HORIZON_BYTES
                + 4);
    bytes.putInt(VERSION);
    Owner.encode(owner.orElseThrow(), bytes);
    bytes.putInt(gaps ? GAPS : 0).putLong(logStart).putInt(segments.size());
    segments.forEach(segment -> segment.encode(bytes));
    bytes.putLong(tombstoneHorizon);
    bytes.putInt(SegmentManifest.crcOf(bytes.duplicate().flip()));
    AtomicFile.write(storage, directory.resolve(FILE_NAME), bytes.array());
  }

  /** Takes the file away; durable when this returns. */
  public static void delete(Storage storage, Path directory) throws IOException {
    if (storage.deleteIfExists(directory.resolve(FILE_NAME))) {
      storage.syncDirectory(directory);
    }
  }

  /** The manifest of a log; empty when it is absent or damaged, which means unknown. */
  public static Optional<LogManifest> read(Storage storage, Path directory) throws IOException {
    ByteBuffer bytes;
    try {
      bytes = ByteBuffer.wrap(storage.readAll(directory.resolve(FILE_NAME), MAX_BYTES));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    int crcPosition = bytes.limit() - 4;
    if (crcPosition < HEADER_BYTES
        || bytes.getInt(crcPosition)
            != SegmentManifest.crcOf(bytes.duplicate().limit(crcPosition))) {
      return Optional.empty();
    }
    int version = bytes.getInt();
    boolean owned = version == VERSION && crcPosition >= HEADER_BYTES + Owner.BYTES;
    if (!owned && version != VERSION_WITHOUT_OWNER) {
      return Optional.empty();
    }
    Optional<TopicIdPartition> owner = owned ? Owner.decode(bytes) : Optional.empty();
    boolean gaps = (bytes.getInt() & GAPS) != 0;
    long logStart = bytes.getLong();
    int count = bytes.getInt();
    int each = owned ? SegmentSummary.BYTES : SegmentSummary.BYTES_WITHOUT_MARKS;
    if (count != (crcPosition - bytes.position()) / each || owned != owner.isPresent()) {
      return Optional.empty();
    }
    List<SegmentSummary> segments = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      segments.add(SegmentSummary.decode(bytes, owned));
    }
    // One that was written before there was a horizon ends here.
    long horizon = crcPosition - bytes.position() == HORIZON_BYTES ? bytes.getLong() : 0;
    return Optional.of(new LogManifest(owner, gaps, logStart, segments, horizon));
  }
}
