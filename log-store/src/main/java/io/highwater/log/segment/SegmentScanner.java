package io.highwater.log.segment;

import io.highwater.log.io.StorageFile;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.BatchView;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Walks the batches of a segment's bytes from a position to a limit, reading in chunks. A declared
 * length is held against the bytes that are there before anything is allocated for it, a large one
 * against the CRC as well. One thread.
 */
public final class SegmentScanner {
  /** How much of each batch is read. */
  public enum Depth {
    /** The header alone, and control batches whole; the records of large batches are skipped. */
    HEADERS,
    /** All of it, so that the CRC can be checked. */
    WHOLE
  }

  private static final int CHUNK_BYTES = 64 << 10;

  private static final int HEADER_CHUNK_BYTES = 512;
  private static final int LARGE_BATCH_BYTES = 8 << 10;

  /** What is loaded because a length field says so. */
  private static final int MAX_TRUSTED_BYTES = 4 << 20;

  private final StorageFile file;
  private final int limit;
  private final Depth depth;
  private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
  private final BatchView batch = new BatchView();
  private ByteBuffer chunk;
  private int chunkPosition;
  private int position;
  private int nextPosition;
  private int previousBytes;
  private String problem;

  /**
   * A scan that stands before its first batch.
   *
   * @param file stays open while the scan lasts
   * @param position where a batch begins
   * @param limit end of the bytes that count
   */
  public SegmentScanner(StorageFile file, int position, int limit, Depth depth) {
    this.file = file;
    this.limit = limit;
    this.depth = depth;
    this.position = position;
    this.nextPosition = position;
    this.chunk = ByteBuffer.allocate(Math.max(0, Math.min(CHUNK_BYTES, limit - position)));
    this.chunk.limit(0);
    this.chunkPosition = position;
  }

  /**
   * Moves to the next batch.
   *
   * @return false at the limit, or where no batch can begin: {@link #problem()} tells them apart
   */
  public boolean next() throws IOException {
    previousBytes = nextPosition - position;
    position = nextPosition;
    int available = limit - position;
    if (available == 0 || problem != null) {
      return false;
    }
    if (available < BatchLayout.HEADER_BYTES) {
      problem = available + " bytes are no batch header";
      return false;
    }
    if (!load(BatchLayout.HEADER_BYTES)) {
      return false;
    }
    int sizeInBytes = batch.sizeInBytes();
    if (sizeInBytes < BatchLayout.HEADER_BYTES || sizeInBytes > available) {
      problem = "a batch of " + sizeInBytes + " bytes where " + available + " are left";
      return false;
    }
    if (batch.magic() != BatchLayout.MAGIC_V2 || batch.lastOffsetDelta() < 0) {
      problem = "no batch header of format 2";
      return false;
    }
    if (depth == Depth.WHOLE || batch.isControl()) {
      if (sizeInBytes > MAX_TRUSTED_BYTES && !BatchInFile.crcMatches(file, position, batch)) {
        problem = "a batch of " + sizeInBytes + " bytes that its CRC does not bear out";
        return false;
      }
      if (!load(sizeInBytes)) {
        return false;
      }
    }
    nextPosition = position + sizeInBytes;
    return true;
  }

  /** The batch at {@link #position()}; valid until the next move. */
  public BatchView batch() {
    return batch;
  }

  /** Adds the bytes of the batch to a checksum; only when scanned {@link Depth#WHOLE}. */
  public void addTo(LogCrc crc) {
    int start = position - chunkPosition;
    crc.update(chunk.duplicate().limit(start + nextPosition - position).position(start));
  }

  /** Where the batch begins, or where the scan ended. */
  public int position() {
    return position;
  }

  /** Where the batch ends. */
  public int nextPosition() {
    return nextPosition;
  }

  /** Why the scan ended before the limit, or null. */
  public String problem() {
    return problem;
  }

  /** Bytes held of the current batch, as an agrona view starting at {@code batch().offset()}. */
  public int loadedBytes() {
    return chunk.limit() - (position - chunkPosition);
  }

  /** Of large batches the header alone: the rest of a chunk would be read for nothing. */
  private int chunkBytes(int wanted) {
    return depth == Depth.HEADERS && previousBytes > LARGE_BATCH_BYTES
        ? Math.max(wanted, HEADER_CHUNK_BYTES)
        : chunk.capacity();
  }

  private boolean load(int bytes) throws IOException {
    int inChunk = position - chunkPosition;
    if (inChunk < 0 || inChunk + bytes > chunk.limit()) {
      if (chunk.capacity() < bytes) {
        chunk = ByteBuffer.allocate(bytes);
      }
      chunk.clear().limit(Math.min(chunkBytes(bytes), limit - position));
      file.readFully(chunk, position);
      chunk.flip();
      chunkPosition = position;
      inChunk = 0;
      if (chunk.limit() < bytes) {
        problem = "the file ends within the batch";
        return false;
      }
    }
    buffer.wrap(chunk.array(), 0, chunk.limit());
    batch.wrap(buffer, inChunk);
    return true;
  }
}
