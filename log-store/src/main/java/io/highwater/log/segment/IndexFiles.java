package io.highwater.log.segment;

import io.highwater.log.index.OffsetIndex;
import io.highwater.log.index.TimeIndex;
import io.highwater.log.index.TransactionIndex;
import io.highwater.log.io.Storage;
import io.highwater.log.io.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The index files of a segment: written by ordinary writes to a file opened for that moment, so
 * that an active segment costs one descriptor.
 */
final class IndexFiles {
  private static final int MAX_BYTES = 1 << 30;
  private static final long NO_TRANSACTIONS = 0;
  private static final long UNKNOWN_TRANSACTIONS = -1;

  private final Storage storage;
  private final Path index;
  private final Path timeIndex;
  private final Path transactionIndex;
  private int offsetEntriesWritten;
  private int timeEntriesWritten;

  IndexFiles(Storage storage, Path directory, long baseOffset) {
    this(storage, directory, baseOffset, "");
  }

  /** Files with {@code extension} behind their names. */
  IndexFiles(Storage storage, Path directory, long baseOffset, String extension) {
    this.storage = storage;
    this.index = SegmentFiles.path(directory, baseOffset, SegmentFiles.INDEX + extension);
    this.timeIndex = SegmentFiles.path(directory, baseOffset, SegmentFiles.TIME_INDEX + extension);
    this.transactionIndex =
        SegmentFiles.path(directory, baseOffset, SegmentFiles.TRANSACTION_INDEX + extension);
  }

  /** The offset index; empty when the file is absent or has another checksum. */
  Optional<OffsetIndex> loadOffsets(int crc) throws IOException {
    return load(index, crc).map(OffsetIndex::decode);
  }

  /** The time index; empty when the file is absent or has another checksum. */
  Optional<TimeIndex> loadTimes(int crc) throws IOException {
    return load(timeIndex, crc).map(TimeIndex::decode);
  }

  /** The transaction index; unknown when the file is not as the manifest says. */
  TransactionIndex loadTransactions(long crc) throws IOException {
    if (crc == NO_TRANSACTIONS) {
      return TransactionIndex.EMPTY;
    }
    return crc == UNKNOWN_TRANSACTIONS
        ? TransactionIndex.UNKNOWN
        : load(transactionIndex, (int) crc)
            .map(TransactionIndex::decode)
            .orElse(TransactionIndex.UNKNOWN);
  }

  /** Writes the transaction index as a whole, or takes it away; returns what the manifest says. */
  long write(TransactionIndex transactions) throws IOException {
    storage.deleteIfExists(transactionIndex);
    if (!transactions.isKnown()) {
      return UNKNOWN_TRANSACTIONS;
    }
    if (transactions.entries().isEmpty()) {
      return NO_TRANSACTIONS;
    }
    ByteBuffer content = transactions.encode();
    append(transactionIndex, content.duplicate(), 0);
    return Integer.toUnsignedLong(SegmentManifest.crcOf(content));
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
