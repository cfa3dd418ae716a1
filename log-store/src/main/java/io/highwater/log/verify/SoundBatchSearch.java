package io.highwater.log.verify;

import io.highwater.log.io.StorageFile;
import io.highwater.log.segment.BatchInFile;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Finds where sound batches go on behind damage: byte by byte, what looks like a header is proved
 * by the CRC. Bytes may be made to look like headers of very large batches, so what is read in vain
 * is bounded. One thread.
 */
final class SoundBatchSearch {
  private static final int CHUNK_BYTES = 64 << 10;
  private static final long LEAST_BUDGET_BYTES = 64 << 20;
  private static final int BUDGET_PER_BYTE = 4;

  private static final int KNOWN_FLAGS =
      BatchLayout.CODEC_MASK
          | BatchLayout.LOG_APPEND_TIME_FLAG
          | BatchLayout.TRANSACTIONAL_FLAG
          | BatchLayout.CONTROL_FLAG
          | BatchLayout.DELETE_HORIZON_FLAG;

  private final StorageFile log;
  private final int limit;
  private final long upper;
  private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
  private final BatchView batch = new BatchView();
  private long budget;

  /**
   * A search in a segment.
   *
   * @param log stays open while the search is used
   * @param limit end of the bytes that count
   * @param upper exclusive end of the offsets that the segment may hold
   */
  SoundBatchSearch(StorageFile log, int limit, long upper) {
    this.log = log;
    this.limit = limit;
    this.upper = upper;
    this.budget = Math.max(LEAST_BUDGET_BYTES, (long) BUDGET_PER_BYTE * limit);
  }

  /**
   * The position of the first sound batch at or behind another that begins at an offset from {@code
   * lower} on; the limit when there is none, or the search was given up.
   */
  int find(int from, long lower) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    int position = from;
    while (limit - position >= BatchLayout.HEADER_BYTES) {
      chunk.clear().limit(Math.min(CHUNK_BYTES, limit - position));
      int starts = log.readFully(chunk, position) - BatchLayout.HEADER_BYTES + 1;
      for (int i = 0; i < starts; i++) {
        if (chunk.get(i + BatchLayout.MAGIC) == BatchLayout.MAGIC_V2) {
          buffer.wrap(chunk.array());
          batch.wrap(buffer, i);
          if (looksLikeOne(position + i, lower) && proved(position + i)) {
            return position + i;
          }
          if (budget < 0) {
            return limit;
          }
        }
      }
      if (starts <= 0) {
        return limit; // The file was cut meanwhile.
      }
      position += starts;
    }
    return limit;
  }

  /** Whether a sound batch begins at a position, with an offset from {@code lower} on. */
  boolean isSound(int position, long lower) throws IOException {
    return header(position) && looksLikeOne(position, lower) && proved(position);
  }

  /** The base offset of what may be a batch at a position; -1 for what is none. */
  long baseOffsetAt(int position) throws IOException {
    return header(position) && looksLikeOne(position, 0) ? batch.baseOffset() : -1;
  }

  /** Whether it read as much in vain as it may, and finds nothing any more. */
  boolean gaveUp() {
    return budget < 0;
  }

  private boolean header(int position) throws IOException {
    if (limit - position < BatchLayout.HEADER_BYTES) {
      return false;
    }
    ByteBuffer bytes = ByteBuffer.allocate(BatchLayout.HEADER_BYTES);
    log.readFully(bytes, position);
    buffer.wrap(bytes.array());
    batch.wrap(buffer, 0);
    return !bytes.hasRemaining();
  }

  private boolean looksLikeOne(int position, long lower) {
    int size = batch.sizeInBytes();
    int delta = batch.lastOffsetDelta();
    return batch.magic() == BatchLayout.MAGIC_V2
        && size >= BatchLayout.HEADER_BYTES
        && size <= limit - position
        && delta >= 0
        && batch.recordCount() >= 0
        && batch.recordCount() <= delta + 1L
        && batch.baseOffset() >= lower
        && batch.baseOffset() <= upper - 1 - delta
        && (batch.attributes() & ~KNOWN_FLAGS) == 0
        && (batch.attributes() & BatchLayout.CODEC_MASK) <= Codec.ZSTD.id();
  }

  private boolean proved(int position) throws IOException {
    if (budget < 0) {
      return false;
    }
    boolean proved = BatchInFile.crcMatches(log, position, batch);
    if (!proved) {
      budget -= batch.sizeInBytes();
    }
    return proved;
  }
}
