package io.highwater.log.verify;

import io.highwater.log.io.Storage;
import io.highwater.log.io.StorageFile;
import io.highwater.log.segment.BatchInFile;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentManifest;
import io.highwater.log.segment.SegmentMarks;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.BatchView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Tells a segment's log file from any other by the batches that it begins and ends with (STO-11).
 * Reads two headers, and a whole batch only when one differs. Changes nothing.
 */
public final class SegmentIdentity {
  /**
   * Why a file is not the one that was written.
   *
   * @param problem for people
   * @param foreign whether sound batches are there, but others; else it may be damage
   */
  public record Mismatch(Problem problem, boolean foreign) {}

  private enum Found {
    AS_KNOWN,
    ANOTHER_BATCH,
    NO_BATCH
  }

  private final Storage storage;
  private final Path directory;
  private final long baseOffset;
  private final SegmentMarks marks;

  /**
   * Of a segment's file.
   *
   * @param marks as they were written down
   */
  public SegmentIdentity(Storage storage, Path directory, long baseOffset, SegmentMarks marks) {
    this.storage = storage;
    this.directory = directory;
    this.baseOffset = baseOffset;
    this.marks = marks;
  }

  /** What is wrong with the file that a sidecar stands beside, of which only that is known. */
  public static Optional<Mismatch> ofOpen(Storage storage, Path directory, SegmentManifest sidecar)
      throws IOException {
    SegmentIdentity identity =
        new SegmentIdentity(
            storage, directory, sidecar.segment().baseOffset(), sidecar.segment().marks());
    return sidecar.isOfNothing() ? identity.unwritten() : identity.beginning();
  }

  /** Where nothing was written there is no batch: the sidecar names the first before it comes. */
  private Optional<Mismatch> unwritten() throws IOException {
    Path file = SegmentFiles.path(directory, baseOffset, SegmentFiles.LOG);
    try (StorageFile log = storage.open(file, Storage.OpenMode.READ)) {
      return at(log, 0, SegmentMarks.UNKNOWN) == Found.ANOTHER_BATCH
          ? Optional.of(foreign(file, 0, log))
          : Optional.empty();
    }
  }

  /** What is wrong with a file that is said to be whole. */
  public Optional<Mismatch> whole() throws IOException {
    return look(true);
  }

  /** What is wrong with how a file begins, of which nothing else is known. */
  public Optional<Mismatch> beginning() throws IOException {
    return look(false);
  }

  private Optional<Mismatch> look(boolean whole) throws IOException {
    Path file = SegmentFiles.path(directory, baseOffset, SegmentFiles.LOG);
    if (whole
        ? marks.lastCrc() == SegmentMarks.UNKNOWN
        : marks.firstCrc() == SegmentMarks.UNKNOWN) {
      return Optional.empty();
    }
    try (StorageFile log = storage.open(file, Storage.OpenMode.READ)) {
      Found last = whole ? at(log, marks.lastPosition(), marks.lastCrc()) : Found.AS_KNOWN;
      if (whole && last == Found.AS_KNOWN) {
        return Optional.empty();
      }
      Found first =
          marks.firstCrc() == SegmentMarks.UNKNOWN ? Found.AS_KNOWN : at(log, 0, marks.firstCrc());
      if (first == Found.ANOTHER_BATCH) {
        return Optional.of(foreign(file, 0, log));
      }
      if (last == Found.ANOTHER_BATCH) {
        return Optional.of(foreign(file, marks.lastPosition(), log));
      }
      return first == Found.AS_KNOWN && last == Found.AS_KNOWN
          ? Optional.empty()
          : Optional.of(
              new Mismatch(
                  new Problem(
                      file,
                      first == Found.NO_BATCH ? 0 : marks.lastPosition(),
                      "the batch that was written there is not there"),
                  false));
    }
  }

  private Mismatch foreign(Path file, int position, StorageFile log) throws IOException {
    String holds =
        FileOwners.ofSegment(storage, directory, baseOffset, firstCrc(log))
            .map(owner -> "it holds what was written for " + owner)
            .orElse("it is another file than the one that was written here");
    return new Mismatch(
        new Problem(file, position, holds + ": the batch there is not the one that was written"),
        true);
  }

  private static long firstCrc(StorageFile log) throws IOException {
    BatchView first = header(log, 0);
    return first == null ? SegmentMarks.UNKNOWN : first.crc();
  }

  private static Found at(StorageFile log, int position, long crc) throws IOException {
    BatchView batch = header(log, position);
    if (batch == null) {
      return Found.NO_BATCH;
    }
    if (batch.crc() == crc) {
      return Found.AS_KNOWN;
    }
    long size = batch.sizeInBytes();
    boolean sound =
        batch.magic() == BatchLayout.MAGIC_V2
            && size >= BatchLayout.HEADER_BYTES
            && position + size <= log.size()
            && BatchInFile.crcMatches(log, position, batch);
    return sound ? Found.ANOTHER_BATCH : Found.NO_BATCH;
  }

  private static BatchView header(StorageFile log, int position) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(BatchLayout.HEADER_BYTES);
    log.readFully(header, position);
    return header.hasRemaining() ? null : new BatchView().wrap(new UnsafeBuffer(header.array()), 0);
  }
}
