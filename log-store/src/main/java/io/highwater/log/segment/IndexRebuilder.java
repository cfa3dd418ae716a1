package io.highwater.log.segment;

import io.highwater.log.index.OffsetIndex;
import io.highwater.log.index.SegmentIndexes;
import io.highwater.log.index.TimeIndex;
import io.highwater.log.index.TransactionIndex;
import io.highwater.log.io.Storage;
import io.highwater.log.io.StorageFile;
import java.io.IOException;
import java.nio.file.Path;

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
      Storage storage,
      Path directory,
      SegmentIndexes indexes,
      SegmentSummary segment,
      long createdMs)
      throws IOException {
    write(storage, directory, indexes, segment, createdMs, "");
  }

  /** As the other {@code write}, with {@code extension} behind the names of the files. */
  public static void write(
      Storage storage,
      Path directory,
      SegmentIndexes indexes,
      SegmentSummary segment,
      long createdMs,
      String extension)
      throws IOException {
    indexes.seal();
    IndexFiles files = new IndexFiles(storage, directory, indexes.baseOffset(), extension);
    files.write(indexes.offsets(), indexes.times());
    writeManifest(storage, directory, indexes, segment, createdMs, files, extension);
  }

  static void writeManifest(
      Storage storage,
      Path directory,
      SegmentIndexes indexes,
      SegmentSummary segment,
      long createdMs)
      throws IOException {
    IndexFiles files = new IndexFiles(storage, directory, indexes.baseOffset());
    writeManifest(storage, directory, indexes, segment, createdMs, files, "");
  }

  private static void writeManifest(
      Storage storage,
      Path directory,
      SegmentIndexes indexes,
      SegmentSummary segment,
      long createdMs,
      IndexFiles files,
      String extension)
      throws IOException {
    new SegmentManifest(
            segment,
            indexes.maxTimestamp(),
            createdMs,
            SegmentManifest.crcOf(indexes.offsets().encode(0)),
            SegmentManifest.crcOf(indexes.times().encode(0)),
            files.write(indexes.transactions()))
        .write(storage, directory, extension);
  }
}
