package io.highwater.log.compact;

import io.highwater.log.LogContext;
import io.highwater.log.index.SegmentIndexes;
import io.highwater.log.io.Storage;
import io.highwater.log.io.StorageFile;
import io.highwater.log.segment.IndexRebuilder;
import io.highwater.log.segment.LogCrc;
import io.highwater.log.segment.Segment;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentMarks;
import io.highwater.log.segment.SegmentSummary;
import io.highwater.proto.record.BatchView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The segment that takes the place of others, being written under names that mean nothing yet. Its
 * files are forced when {@link #complete} returns. One thread.
 */
final class CleanedSegment implements AutoCloseable {
  private final LogContext context;
  private final long baseOffset;
  private final StorageFile log;
  private final SegmentIndexes indexes;
  private final LogCrc crc = new LogCrc(0);
  private final ByteBuffer buffer;
  private final UnsafeBuffer bytes = new UnsafeBuffer(0, 0);
  private final BatchView batch = new BatchView();
  private long size;
  private long written;
  private SegmentMarks marks = SegmentMarks.NONE;
  private SegmentSummary summary;
  private boolean handedOver;

  /** Begins the files; what was left of an earlier try goes. */
  CleanedSegment(LogContext context, long baseOffset, ByteBuffer buffer) throws IOException {
    this.context = context;
    this.baseOffset = baseOffset;
    this.buffer = buffer.clear();
    this.indexes = new SegmentIndexes(baseOffset, context.config().indexIntervalBytes());
    this.log = context.storage().open(pathOf(SegmentFiles.LOG), Storage.OpenMode.CREATE_OR_WRITE);
    log.truncate(0);
  }

  private Path pathOf(String suffix) {
    return SegmentFiles.path(context.directory(), baseOffset, suffix + SegmentFiles.CLEANED);
  }

  /**
   * Adds a batch.
   *
   * @param source holds it from its position to its limit, over an array; not kept
   */
  void append(ByteBuffer source) throws IOException {
    int length = source.remaining();
    if (size + length > Integer.MAX_VALUE) {
      throw new IOException("the cleaned segment " + baseOffset + " grew beyond any segment");
    }
    bytes.wrap(source.array(), source.arrayOffset() + source.position(), length);
    batch.wrap(bytes, 0);
    indexes.add(batch, (int) size);
    marks = marks.with(batch.crc(), (int) size, batch.leaderEpoch());
    size += length;
    if (buffer.remaining() < length) {
      drain(buffer.flip());
      buffer.clear();
    }
    if (length > buffer.capacity()) {
      drain(source);
    } else {
      buffer.put(source);
    }
  }

  private void drain(ByteBuffer from) throws IOException {
    int start = from.position();
    int length = from.remaining();
    log.writeFully(from, written);
    crc.update(from.position(start));
    written += length;
  }

  /** Bytes so far. */
  long sizeInBytes() {
    return size;
  }

  /**
   * Ends the segment; all its files are on the disk then, under their present names.
   *
   * @param endOffset exclusive
   * @param generation of the result
   * @param createdMs first append to any of the sources
   * @param lastAppendMs last one
   */
  SegmentSummary complete(long endOffset, int generation, long createdMs, long lastAppendMs)
      throws IOException {
    drain(buffer.flip());
    buffer.clear();
    summary =
        new SegmentSummary(
            baseOffset, endOffset, size, crc.value(), generation, lastAppendMs, marks);
    IndexRebuilder.write(context.files(), indexes, summary, createdMs, SegmentFiles.CLEANED);
    log.force();
    for (String suffix : SegmentFiles.OF_SEGMENT) {
      // Without an index of transactions: what they aborted is not here any more.
      if (!suffix.equals(SegmentFiles.LOG) && context.storage().exists(pathOf(suffix))) {
        try (StorageFile file = context.storage().open(pathOf(suffix), Storage.OpenMode.WRITE)) {
          file.force();
        }
      }
    }
    return summary;
  }

  /** The segment over the open file, whatever that is called; it closes the file in time. */
  Segment handOver() {
    handedOver = true;
    return Segment.swappedIn(
        context.storage(),
        context.directory(),
        summary,
        context.config().indexIntervalBytes(),
        context.openSegments(),
        log,
        indexes);
  }

  /** Closes the file, and takes all files away that were not swapped in. */
  @Override
  public void close() throws IOException {
    if (!handedOver) {
      log.close();
      for (String suffix : SegmentFiles.OF_SEGMENT) {
        context.storage().deleteIfExists(pathOf(suffix));
      }
    }
  }
}
