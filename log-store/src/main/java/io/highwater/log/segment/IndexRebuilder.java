package io.highwater.log.segment;

import io.highwater.log.index.OffsetIndex;
import io.highwater.log.index.SegmentIndexes;
import io.highwater.log.index.TimeIndex;
import io.highwater.log.index.TransactionIndex;
import io.highwater.log.io.StorageFile;
import java.io.IOException;
import java.util.Optional;

/** Makes the indexes of a segment from the log's own bytes, which say it all (STO-5). */
public final class IndexRebuilder {
  private IndexRebuilder() {}

  /**
   * Indexes of a segment that is not written. Past damage nothing is indexed: a read that gets
   * there finds it and says so.
   *
   * @param transactions taken over: they do not follow from this segment alone
   */
  static SegmentIndexes rebuild(
      StorageFile log,
      int sizeInBytes,
      long baseOffset,
      int indexIntervalBytes,
      TransactionIndex transactions)
      throws IOException {
    SegmentIndexes indexes =
        new SegmentIndexes(
            baseOffset, indexIntervalBytes, new OffsetIndex(), new TimeIndex(), transactions);
    SegmentScanner scan = new SegmentScanner(log, 0, sizeInBytes, SegmentScanner.Depth.HEADERS);
    long expected = baseOffset;
    while (scan.next() && scan.batch().baseOffset() >= expected) {
      indexes.add(scan.batch(), scan.position());
      expected = scan.batch().nextOffset();
    }
    return indexes;
  }

  /**
   * Writes index files and manifest of a segment anew.
   *
   * @param segment what its log file is
   * @param createdMs wall clock of the first append
   */
  public static void write(
      LogFiles files, SegmentIndexes indexes, SegmentSummary segment, long createdMs)
      throws IOException {
    write(files, indexes, segment, createdMs, "");
  }

  /** As the other {@code write}, with {@code extension} behind the names of the files. */
  public static void write(
      LogFiles files,
      SegmentIndexes indexes,
      SegmentSummary segment,
      long createdMs,
      String extension)
      throws IOException {
    indexes.seal();
    IndexFiles written = indexFiles(files, indexes, extension);
    written.write(indexes.offsets(), indexes.times());
    writeManifest(files, indexes, segment, createdMs, written, extension);
  }

  static void writeManifest(
      LogFiles files, SegmentIndexes indexes, SegmentSummary segment, long createdMs)
      throws IOException {
    writeManifest(files, indexes, segment, createdMs, indexFiles(files, indexes, ""), "");
  }

  private static IndexFiles indexFiles(LogFiles files, SegmentIndexes indexes, String extension) {
    return new IndexFiles(files.storage(), files.directory(), indexes.baseOffset(), extension);
  }

  private static void writeManifest(
      LogFiles files,
      SegmentIndexes indexes,
      SegmentSummary segment,
      long createdMs,
      IndexFiles written,
      String extension)
      throws IOException {
    new SegmentManifest(
            Optional.of(files.owner()),
            segment,
            indexes.maxTimestamp(),
            createdMs,
            SegmentManifest.crcOf(indexes.offsets().encode(0)),
            SegmentManifest.crcOf(indexes.times().encode(0)),
            written.write(indexes.transactions()))
        .write(files.storage(), files.directory(), extension);
  }
}
