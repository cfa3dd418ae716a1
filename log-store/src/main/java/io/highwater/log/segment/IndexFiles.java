package io.highwater.log.segment;

import io.highwater.log.index.OffsetIndex;
import io.highwater.log.index.TimeIndex;
import io.highwater.log.io.Storage;
import io.highwater.log.io.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The two index files of a segment: written by ordinary writes to a file opened for that moment, so
 * that an active segment costs one descriptor.
 */
final class IndexFiles {
  private static final int MAX_BYTES = 1 << 30;

  private final Storage storage;
  private final Path index;
  private final Path timeIndex;
  private int offsetEntriesWritten;
  private int timeEntriesWritten;

  IndexFiles(Storage storage, Path directory, long baseOffset) {
    this.storage = storage;
    this.index = SegmentFiles.path(directory, baseOffset, SegmentFiles.INDEX);
    this.timeIndex = SegmentFiles.path(directory, baseOffset, SegmentFiles.TIME_INDEX);
  }

  /** The offset index; empty when the file is absent or has another checksum. */
  Optional<OffsetIndex> loadOffsets(int crc) throws IOException {
    return load(index, crc).map(OffsetIndex::decode);
  }

  /** The time index; empty when the file is absent or has another checksum. */
  Optional<TimeIndex> loadTimes(int crc) throws IOException {
    return load(timeIndex, crc).map(TimeIndex::decode);
  }

  /** Takes entries as written, when the files were loaded whole. */
  void resume(OffsetIndex offsets, TimeIndex times) {
    offsetEntriesWritten = offsets.count();
    timeEntriesWritten = times.count();
  }

  /** Forgets what was written: the files are written anew next time. */
  void restart() {
    offsetEntriesWritten = 0;
    timeEntriesWritten = 0;
  }

  /** Entries that are in memory only. */
  int pending(OffsetIndex offsets) {
    return offsets.count() - offsetEntriesWritten;
  }

  /** Writes the entries that are not in the files yet; may be repeated after a failure. */
  void write(OffsetIndex offsets, TimeIndex times) throws IOException {
    offsetEntriesWritten = Math.min(offsetEntriesWritten, offsets.count());
    timeEntriesWritten = Math.min(timeEntriesWritten, times.count());
    append(
        index,
        offsets.encode(offsetEntriesWritten),
        (long) offsetEntriesWritten * OffsetIndex.ENTRY_BYTES);
    offsetEntriesWritten = offsets.count();
    append(
        timeIndex,
        times.encode(timeEntriesWritten),
        (long) timeEntriesWritten * TimeIndex.ENTRY_BYTES);
    timeEntriesWritten = times.count();
  }

  private void append(Path file, ByteBuffer entries, long position) throws IOException {
    try (StorageFile open = storage.open(file, Storage.OpenMode.CREATE_OR_WRITE)) {
      if (open.size() > position) {
        open.truncate(position);
      }
      open.writeFully(entries, position);
    }
  }

  private Optional<ByteBuffer> load(Path file, int crc) throws IOException {
    try {
      ByteBuffer content = ByteBuffer.wrap(storage.readAll(file, MAX_BYTES));
      return SegmentManifest.crcOf(content) == crc ? Optional.of(content) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
