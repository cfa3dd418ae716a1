package io.highwater.log.read;

import io.highwater.log.LogView;
import io.highwater.log.segment.SegmentData;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.FaultText;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A region of a segment's file that holds whole batches, whose CRC was checked when it was made
 * (STO-10). The bytes go from the file to a channel without passing through the program; they are
 * there for as long as somebody holds a reference, even when the segment is deleted meanwhile.
 *
 * <p>Any thread. Whoever makes a slice holds its first reference.
 */
public final class LogSlice implements AutoCloseable {
  /** Instead of a number of cuts: no cut takes away what was committed (LEP-7). */
  static final int COMMITTED = -1;

  private final LogView view;
  private final int cuts;
  private final SegmentData data;
  private final int position;
  private final int bytes;
  private final long baseOffset;
  private final long endOffset;
  private final AtomicInteger references = new AtomicInteger(1);

  LogSlice(
      LogView view,
      int cuts,
      SegmentData data,
      int position,
      int bytes,
      long baseOffset,
      long endOffset) {
    this.view = view;
    this.cuts = cuts;
    this.data = data;
    this.position = position;
    this.bytes = bytes;
    this.baseOffset = baseOffset;
    this.endOffset = endOffset;
  }

  /** Bytes in it. */
  public int bytes() {
    return bytes;
  }

  /** Base offset of its first batch, which may lie below the offset asked for. */
  public long baseOffset() {
    return baseOffset;
  }

  /** Exclusive end of its last batch: where the next slice goes on. */
  public long endOffset() {
    return endOffset;
  }

  /**
   * Writes some of its bytes to a channel, from the page cache straight away where the channel can
   * (a socket, a file).
   *
   * @param from byte of the slice, 0 to {@link #bytes()}
   * @return bytes written; fewer than there are when the channel does not block
   * @throws HighwaterException OFFSET_OUT_OF_RANGE when the slice went beyond the high watermark as
   *     it was made and the log was cut since: other batches may stand there now. What was written
   *     by then, this call included, counts for nothing. KAFKA_STORAGE_ERROR when the file cannot
   *     be read
   * @throws IOException of the channel
   */
  public long transferTo(int from, WritableByteChannel target) throws IOException {
    requireHeld(from);
    long sent = data.log().transferTo((long) position + from, (long) bytes - from, target);
    requireUncut();
    return sent;
  }

  /**
   * Copies some of its bytes.
   *
   * @param from byte of the slice, 0 to {@link #bytes()}
   * @param into takes as many as there are and fit
   * @return bytes copied
   * @throws HighwaterException as {@link #transferTo} does
   */
  public int read(int from, ByteBuffer into) {
    requireHeld(from);
    int limit = into.limit();
    into.limit(into.position() + Math.min(into.remaining(), bytes - from));
    try {
      int copied = data.log().readFully(into, (long) position + from);
      requireUncut();
      return copied;
    } catch (IOException e) {
      throw new HighwaterException(
          ErrorCode.KAFKA_STORAGE_ERROR, "reading a slice: " + FaultText.of(e), e);
    } finally {
      into.limit(limit);
    }
  }

  private void requireHeld(int from) {
    if (references.get() <= 0) {
      throw new IllegalStateException("the slice was released");
    }
    if (from < 0 || from > bytes) {
      throw new IndexOutOfBoundsException("byte " + from + " of " + bytes);
    }
    requireUncut();
  }

  private void requireUncut() {
    if (cuts != COMMITTED && cuts != view.cuts()) {
      throw new HighwaterException(
          ErrorCode.OFFSET_OUT_OF_RANGE,
          "the log was truncated under a slice that ends at offset " + endOffset);
    }
  }

  /** Takes one more reference; returns this. */
  public LogSlice retain() {
    int before = references.getAndUpdate(held -> held == 0 ? 0 : held + 1);
    if (before == 0) {
      throw new IllegalStateException("the slice was released");
    }
    return this;
  }

  /** Gives a reference back; with the last one the bytes may go. */
  @Override
  public void close() {
    int left = references.decrementAndGet();
    if (left < 0) {
      throw new IllegalStateException("the slice was released");
    }
    if (left == 0) {
      data.release();
    }
  }
}
