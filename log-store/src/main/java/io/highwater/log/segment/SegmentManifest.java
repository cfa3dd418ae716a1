package io.highwater.log.segment;

import io.highwater.log.io.Storage;
import io.highwater.log.io.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Sidecar of a segment that is not being written, {@code <base>.manifest}: what the index files
 * must match to be believed (STO-5). It is a hint as they are: absent, torn or stale only means
 * that the indexes are rebuilt from the log.
 *
 * <pre>
 * i32 version 2 | i64 base offset | i64 end offset | i64 log bytes | i64 CRC32C of .log, -1: unknown | i32 generation
 *   | i64 ms of the last append | i32 last epoch | i64 max timestamp | i64 ms of the first append
 *   | i32 CRC32C of .index | i32 CRC32C of .timeindex | i64 CRC32C of .txnindex, 0: no file, -1: unknown
 *   | i32 CRC32C of all before
 * </pre>
 *
 * @param segment what the log file is
 * @param maxTimestamp of the segment, ms since 1970
 * @param createdMs wall clock of the first append
 * @param indexCrc CRC32C of the offset index file
 * @param timeIndexCrc CRC32C of the time index file
 * @param transactionIndexCrc CRC32C of the transaction index file, unsigned; 0 when there is no
 *     such file, -1 when what it should hold is not known
 */
public record SegmentManifest(
    SegmentSummary segment,
    long maxTimestamp,
    long createdMs,
    int indexCrc,
    int timeIndexCrc,
    long transactionIndexCrc) {

  private static final int VERSION = 2;
  private static final int BYTES = 4 + SegmentSummary.BYTES + 3 * 8 + 3 * 4;

  /** Writes the sidecar. It is not synced: if a power loss takes it, the indexes are rebuilt. */
  public void write(Storage storage, Path directory) throws IOException {
    write(storage, directory, "");
  }

  /** As {@link #write(Storage, Path)}, with {@code extension} behind the file's name. */
  public void write(Storage storage, Path directory, String extension) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    bytes.putInt(VERSION);
    segment.encode(bytes);
    bytes.putLong(maxTimestamp).putLong(createdMs).putInt(indexCrc).putInt(timeIndexCrc);
    bytes.putLong(transactionIndexCrc);
    bytes.putInt(crcOf(bytes.duplicate().flip())).flip();
    Path file =
        SegmentFiles.path(directory, segment.baseOffset(), SegmentFiles.MANIFEST + extension);
    try (StorageFile open = storage.open(file, Storage.OpenMode.CREATE_OR_WRITE)) {
      open.truncate(0);
      open.writeFully(bytes, 0);
    }
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
    byte[] content = new byte[BYTES];
    try (StorageFile open = storage.open(file, Storage.OpenMode.READ)) {
      if (open.size() != BYTES || open.readFully(ByteBuffer.wrap(content), 0) != BYTES) {
        return Optional.empty();
      }
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    ByteBuffer bytes = ByteBuffer.wrap(content);
    if (bytes.getInt(BYTES - 4) != crcOf(bytes.duplicate().limit(BYTES - 4))
        || bytes.getInt() != VERSION) {
      return Optional.empty();
    }
    SegmentManifest manifest =
        new SegmentManifest(
            SegmentSummary.decode(bytes),
            bytes.getLong(),
            bytes.getLong(),
            bytes.getInt(),
            bytes.getInt(),
            bytes.getLong());
    return manifest.segment.baseOffset() == baseOffset ? Optional.of(manifest) : Optional.empty();
  }

  /** CRC32C from position to limit, which stay. */
  public static int crcOf(ByteBuffer content) {
    CRC32C crc = new CRC32C();
    crc.update(content.duplicate());
    return (int) crc.getValue();
  }
}
