package io.highwater.proto.record;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The uncompressed bytes of a batch's records: the batch itself where it is not compressed, else a
 * window that is inflated as it is read, a piece at a time. The window grows with bytes that were
 * inflated, never with sizes that were declared, and all inflated bytes together are bounded.
 */
final class RecordBytes implements AutoCloseable {
  private static final int INITIAL_BYTES = 16 * 1024;

  // A rare huge record should not keep its window for ever.
  private static final int MAX_KEPT_BYTES = 4 * 1024 * 1024;

  /** Once this part of what a record says it takes was inflated, room is made for all of it. */
  private static final int TRUSTED_GROWTH = 8;

  private final int maxInflatedBytes;
  private final ErrorCode onMalformed;
  private final UnsafeBuffer window = new UnsafeBuffer(new byte[0]);
  private final BlockSource[] sources = new BlockSource[Codec.values().length];

  private byte[] inflated = new byte[0];
  private int inflatedInAll;
  private BlockSource source;
  private int wanted;

  private DirectBuffer buffer;
  private int position;
  private int limit;

  /**
   * @param onMalformed what it means to the reader that bytes cannot be inflated
   */
  RecordBytes(int maxInflatedBytes, ErrorCode onMalformed) {
    this.maxInflatedBytes = maxInflatedBytes;
    this.onMalformed = onMalformed;
  }

  /** Points at the records of a batch; {@code length} bytes from {@code offset} must be there. */
  void wrap(Codec codec, DirectBuffer batch, int offset, int length) {
    wanted = 0;
    if (codec == Codec.NONE) {
      source = null;
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
    source = sourceOf(codec);
    byte[] array = batch.byteArray();
    if (array != null) {
      source.begin(array, batch.wrapAdjustment() + offset, length);
    } else {
      // The codecs want arrays; only buffers outside the heap pay for a copy.
      array = new byte[length];
      batch.getBytes(offset, array);
      source.begin(array, 0, length);
    }
  }

  private BlockSource sourceOf(Codec codec) {
    BlockSource known = sources[codec.id()];
    if (known == null) {
      known = Compression.source(codec);
      sources[codec.id()] = known;
    }
    return known;
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

  /** Bytes that are there to be read. */
  int available() {
    return limit - position;
  }

  void advanceTo(int newPosition) {
    position = newPosition;
  }

  /** Bytes inflated of this batch so far. */
  int inflatedInAll() {
    return source == null ? 0 : inflatedInAll;
  }

  /** Bytes held on the heap and by codecs, about. */
  long heldBytes() {
    long held = inflated.length;
    for (BlockSource codec : sources) {
      held += codec == null ? 0 : codec.heldBytes();
    }
    return held;
  }

  /**
   * Makes {@code count} bytes readable from {@link #position()}, which may move.
   *
   * @return false when fewer are left
   */
  boolean ensure(int count) {
    while (limit - position < count) {
      if (!inflateMore(count)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Inflates a piece more, {@link BlockSource#PIECE_BYTES} at most; {@link #position()} may move.
   *
   * @param count bytes from {@link #position()} that the reader is after
   * @return false when nothing is left
   */
  boolean inflateMore(int count) {
    if (source == null) {
      return false;
    }
    wanted = count;
    try {
      return source.inflateInto(this);
    } catch (IOException | RuntimeException e) {
      if (e instanceof HighwaterException named) {
        throw named;
      }
      throw new HighwaterException(
          onMalformed, "records cannot be decompressed: " + e.getMessage(), e);
    }
  }

  /** For sources: how many more bytes this batch may inflate to. */
  int budget() {
    return maxInflatedBytes - inflatedInAll;
  }

  /** For sources: room that shows a batch to be too large without inflating much of it. */
  int budgetAndOne() {
    return budget() + 1;
  }

  /** For sources: makes room for {@code count} more bytes at {@link #limit()}. */
  byte[] reserve(int count) {
    if (inflated.length - limit < count) {
      int unread = limit - position;
      int needed = Math.addExact(unread, count);
      byte[] target = inflated;
      if (needed > inflated.length) {
        target = allocate(Math.max(needed, grown(unread)));
      }
      System.arraycopy(inflated, position, target, 0, unread);
      inflated = target;
      window.wrap(target);
      position = 0;
      limit = unread;
    }
    return inflated;
  }

  /** A huge record is moved a few times, and never beside twice its size. */
  private int grown(int unread) {
    int all = wanted + BlockSource.PIECE_BYTES;
    return wanted > inflated.length
            && wanted <= budget() + unread
            && wanted / TRUSTED_GROWTH <= unread
        ? all
        : Math.max(INITIAL_BYTES, (int) Math.min(2L * inflated.length, maxInflatedBytes));
  }

  private byte[] allocate(int bytes) {
    try {
      return new byte[bytes];
    } catch (OutOfMemoryError e) {
      throw new HighwaterException(
          ErrorCode.MESSAGE_TOO_LARGE,
          "a record that inflates to "
              + wanted
              + " bytes does not fit into the memory of this process (-Xmx)",
          e);
    }
  }

  /** For sources: the array that {@link #reserve} gave last. */
  byte[] array() {
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

  /** Frees what the codecs hold outside the heap, and large windows; the bytes are gone. */
  @Override
  public void close() {
    source = null;
    for (BlockSource codec : sources) {
      if (codec != null) {
        codec.close();
      }
    }
  }
}
