package io.highwater.log.segment;

import io.highwater.log.EpochEnd;
import io.highwater.log.io.Storage;
import io.highwater.log.io.StorageFile;
import io.highwater.proto.TopicIdPartition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Sidecar of a segment, {@code <base>.manifest}: whose it is and what its log file begins with
 * (STO-11), and, once it is not being written, what the index files must match to be believed
 * (STO-5). It is a hint as they are: absent, torn or stale only means that the indexes are rebuilt
 * from the log.
 *
 * <pre>
 * i32 version 3 | i64 i64 topic id | i32 partition | i64 base offset | i64 end offset | i64 log bytes | i64 CRC32C of .log, -1: unknown | i32 generation
 *   | i64 ms of the last append | i32 last epoch | i64 CRC of the first batch | i64 CRC of the last | i32 its position
 * | i64 max timestamp | i64 ms of the first append
 *   | i32 CRC32C of .index | i32 CRC32C of .timeindex | i64 CRC32C of .txnindex, 0: no file, -1: unknown
 *   | i32 CRC32C of all before
 * </pre>
 *
 * <p>Version 2 had neither owner nor batches.
 *
 * @param owner whose segment it is; empty when a version before that wrote it
 * @param segment what the log file is; of a segment that is being written 0 bytes, and what it
 *     begins with
 * @param maxTimestamp of the segment, ms since 1970
 * @param createdMs wall clock of the first append
 * @param indexCrc CRC32C of the offset index file
 * @param timeIndexCrc CRC32C of the time index file
 * @param transactionIndexCrc CRC32C of the transaction index file, unsigned; 0 when there is no
 *     such file, -1 when what it should hold is not known
 */
public record SegmentManifest(
    Optional<TopicIdPartition> owner,
    SegmentSummary segment,
    long maxTimestamp,
    long createdMs,
    int indexCrc,
    int timeIndexCrc,
    long transactionIndexCrc) {

  private static final int VERSION = 3;
  private static final int VERSION_WITHOUT_OWNER = 2;
  private static final int REST_BYTES = 3 * 8 + 3 * 4;
  private static final int BYTES = 4 + Owner.BYTES + SegmentSummary.BYTES + REST_BYTES;
  private static final int BYTES_WITHOUT_OWNER =
      4 + SegmentSummary.BYTES_WITHOUT_MARKS + REST_BYTES;

  /** Of a segment that is created: before the first write there are no bytes in its file. */
  static SegmentManifest ofCreated(TopicIdPartition owner, long baseOffset, long createdMs) {
    return ofOpen(owner, baseOffset, 0, createdMs, SegmentMarks.NONE);
  }

  /**
   * Of a segment that is written, or about to be.
   *
   * @param marks {@link SegmentMarks#NONE}, {@link #beginning} or {@link #begun}
   */
  static SegmentManifest ofOpen(
      TopicIdPartition owner, long baseOffset, int generation, long createdMs, SegmentMarks marks) {
    SegmentSummary open =
        new SegmentSummary(baseOffset, baseOffset, 0, 0, generation, createdMs, marks);
    return new SegmentManifest(Optional.of(owner), open, -1, createdMs, 0, 0, -1);
  }

  /** Whether it says, with its owner, that nothing was written yet. */
  public boolean isOfNothing() {
    return owner.isPresent()
        && segment.sizeInBytes() == 0
        && segment.marks().firstCrc() == SegmentMarks.UNKNOWN;
  }

  /** Of a segment that begins, or will begin, with a batch. */
  static SegmentMarks beginning(long firstCrc) {
    return begun(firstCrc, EpochEnd.NONE);
  }

  /** Of a segment whose file has bytes, and the first batch of an epoch in the beginning. */
  static SegmentMarks begun(long firstCrc, int epoch) {
    return firstCrc == SegmentMarks.UNKNOWN
        ? SegmentMarks.NONE
        : SegmentMarks.NONE.with(firstCrc, 0, epoch);
  }

  /** Whether there were batches in the segment's file when this was written. */
  public boolean isOfSomething() {
    return segment.sizeInBytes() > 0 || (owner.isPresent() && segment.lastEpoch() != EpochEnd.NONE);
  }

  /**
   * Whether it says that the file begins with another batch. Its successor must be on the disk
   * before that batch is: this one, back after a power loss, would call the file another.
   */
  public boolean namesOther(long firstCrc) {
    return segment.marks().firstCrc() != SegmentMarks.UNKNOWN
        && segment.marks().firstCrc() != firstCrc;
  }

  /** Whether it says that the segment is another partition's. */
  public boolean isForeign(TopicIdPartition partition) {
    return owner.isPresent() && !owner.get().equals(partition);
  }

  /**
   * Writes the sidecar. It is not synced: if a power loss takes it, the indexes are rebuilt, and
   * whose the segment is is not known. What is flushed has one: {@link #force}.
   */
  public void write(Storage storage, Path directory) throws IOException {
    write(storage, directory, "");
  }

  /** As {@link #write(Storage, Path)}, with {@code extension} behind the file's name. */
  public void write(Storage storage, Path directory, String extension) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    bytes.putInt(VERSION);
    Owner.encode(owner.orElseThrow(), bytes);
    segment.encode(bytes);
    bytes.putLong(maxTimestamp).putLong(createdMs).putInt(indexCrc).putInt(timeIndexCrc);
    bytes.putLong(transactionIndexCrc);
    bytes.putInt(crcOf(bytes.duplicate().flip())).flip();
    Path file =
        SegmentFiles.path(directory, segment.baseOffset(), SegmentFiles.MANIFEST + extension);
    try (StorageFile open = storage.open(file, Storage.OpenMode.CREATE_OR_WRITE)) {
      int size = bytes.remaining();
      // In place: a file that is emptied first goes to the disk when it is closed, on some systems.
      open.writeFully(bytes, 0);
      if (open.size() > size) {
        open.truncate(size);
      }
    }
  }

  /** Before a segment is taken away: from here on its file may be there, or not. */
  public static void leaves(Storage storage, Path directory, long baseOffset) throws IOException {
    Optional<SegmentManifest> known =
        read(storage, directory, baseOffset).filter(SegmentManifest::isOfSomething);
    if (known.isPresent() && known.get().owner.isPresent()) {
      SegmentSummary segment = known.get().segment;
      ofOpen(
              known.get().owner.get(),
              baseOffset,
              segment.generation(),
              known.get().createdMs,
              beginning(segment.marks().firstCrc()))
          .write(storage, directory);
    }
  }

  /** Makes the sidecar of a segment, if there is one, survive a power loss. */
  public static void force(Storage storage, Path directory, long baseOffset) throws IOException {
    Path file = SegmentFiles.path(directory, baseOffset, SegmentFiles.MANIFEST);
    if (storage.exists(file)) {
      try (StorageFile open = storage.open(file, Storage.OpenMode.WRITE)) {
        open.force();
      }
    }
  }

  /** Whether there is a sidecar, readable or not; an empty file is none. */
  public static boolean exists(Storage storage, Path directory, long baseOffset)
      throws IOException {
    Path file = SegmentFiles.path(directory, baseOffset, SegmentFiles.MANIFEST);
    return storage.exists(file) && storage.size(file) > 0;
  }

  /** The sidecar of a segment; empty when it is absent or damaged. */
  public static Optional<SegmentManifest> read(Storage storage, Path directory, long baseOffset)
      throws IOException {
    return read(storage, directory, baseOffset, "");
  }

  /** As {@link #read(Storage, Path, long)}, with {@code extension} behind the file's name. */
  public static Optional<SegmentManifest> read(
      Storage storage, Path directory, long baseOffset, String extension) throws IOException {
    Path file = SegmentFiles.path(directory, baseOffset, SegmentFiles.MANIFEST + extension);
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    try (StorageFile open = storage.open(file, Storage.OpenMode.READ)) {
      long size = open.size();
      if ((size != BYTES && size != BYTES_WITHOUT_OWNER) || open.readFully(bytes, 0) != size) {
        return Optional.empty();
      }
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    bytes.flip();
    int crcPosition = bytes.limit() - 4;
    int version = bytes.getInt(0);
    if (bytes.getInt(crcPosition) != crcOf(bytes.duplicate().limit(crcPosition))
        || version != (bytes.limit() == BYTES ? VERSION : VERSION_WITHOUT_OWNER)) {
      return Optional.empty();
    }
    return decode(bytes.position(4), version == VERSION)
        .filter(manifest -> manifest.segment.baseOffset() == baseOffset);
  }

  private static Optional<SegmentManifest> decode(ByteBuffer bytes, boolean owned) {
    Optional<TopicIdPartition> owner = owned ? Owner.decode(bytes) : Optional.empty();
    if (owned && owner.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new SegmentManifest(
            owner,
            SegmentSummary.decode(bytes, owned),
            bytes.getLong(),
            bytes.getLong(),
            bytes.getInt(),
            bytes.getInt(),
            bytes.getLong()));
  }

  /** CRC32C from position to limit, which stay. */
  public static int crcOf(ByteBuffer content) {
    CRC32C crc = new CRC32C();
    crc.update(content.duplicate());
    return (int) crc.getValue();
  }
}
