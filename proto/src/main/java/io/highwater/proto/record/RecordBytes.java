package io.highwater.proto.record;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The uncompressed bytes of a batch's records: the batch itself where it is not compressed, else a
 * window that is inflated as it is read. The window grows with bytes that were inflated, never with
 * sizes that were declared, and all inflated bytes together are bounded.
 */
final class RecordBytes implements AutoCloseable {
  private static final int INITIAL_BYTES = 16 * 1024;

  // A rare huge record should not keep its window for ever.
  private static final int MAX_KEPT_BYTES = 4 * 1024 * 1024;

  private final int maxInflatedBytes;
  private final UnsafeBuffer window = new UnsafeBuffer(new byte[0]);

  private byte[] inflated = new byte[0];
  private int inflatedInAll;
  private BlockSource source;

  private DirectBuffer buffer;
  private int position;
  private int limit;

  RecordBytes(int maxInflatedBytes) {
    this.maxInflatedBytes = maxInflatedBytes;
  }

  /** Points at the records of a batch; {@code length} bytes from {@code offset} must be there. */
  void wrap(Codec codec, DirectBuffer batch, int offset, int length) {
    close();
    if (codec == Codec.NONE) {
      buffer = batch;
      position = offset;
      limit = offset + length;
      return;
    }
    if (inflated.length > MAX_KEPT_BYTES) {
      inflated = new byte[0];
    }
    window.wrap(inflated);
    buffer = window;
    position = 0;
    limit = 0;
    inflatedInAll = 0;
    try {
      source = Compression.inflating(codec, batch, offset, length);
    } catch (IOException | RuntimeException e) {
      throw undecodable(e);
    }
  }

  DirectBuffer buffer() {
    return buffer;
  }

  int position() {
    return position;
  }

  int limit() {
    return limit;
  }

  void advanceTo(int newPosition) {
    position = newPosition;
  }

  /**
   * Makes {@code count} bytes readable from {@link #position()}, which may move.
   *
   * @return false when fewer are left
   */
  boolean ensure(int count) {
    while (limit - position < count) {
      if (!inflateMore()) {
        return false;
      }
    }
    return true;
  }

  /** For sources: how many more bytes this batch may inflate to. */
  int budget() {
    return maxInflatedBytes - inflatedInAll;
  }

  /** For sources: makes room for {@code count} more bytes at {@link #limit()}. */
  byte[] reserve(int count) {
    if (inflated.length - limit < count) {
      int unread = limit - position;
      int needed = Math.addExact(unread, count);
      byte[] target = inflated;
      if (needed > inflated.length) {
        target = new byte[Math.max(needed, Math.max(INITIAL_BYTES, 2 * inflated.length))];
      }
      System.arraycopy(inflated, position, target, 0, unread);
      inflated = target;
      window.wrap(target);
      position = 0;
      limit = unread;
    }
    return inflated;
  }

  /** For sources: {@code count} bytes were written at {@link #limit()}. */
  void inflated(int count) {
    if (count > budget()) {
      throw tooLarge();
    }
    limit += count;
    inflatedInAll += count;
  }

  /** For sources: the error when the budget does not do. */
  HighwaterException tooLarge() {
    return new HighwaterException(
        ErrorCode.MESSAGE_TOO_LARGE, "batch inflates to more than " + maxInflatedBytes + " bytes");
  }

  /** Frees what the codec holds; the bytes are gone. */
  @Override
  public void close() {
    if (source != null) {
      BlockSource open = source;
      source = null;
      try {
        open.close();
      } catch (IOException e) {
        throw undecodable(e);
      }
    }
  }

  private boolean inflateMore() {
    if (source == null) {
      return false;
    }
    try {
      if (source.inflateInto(this)) {
        return true;
      }
    } catch (HighwaterException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw undecodable(e);
    }
    close();
    return false;
  }

  private static HighwaterException undecodable(Exception cause) {
    return new HighwaterException(
        ErrorCode.CORRUPT_MESSAGE, "records cannot be decompressed: " + cause.getMessage(), cause);
  }
}
