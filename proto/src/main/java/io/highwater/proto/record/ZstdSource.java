package io.highwater.proto.record;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;

/**
 * Zstd frames, inflated in one go where they come to one piece, which takes half the time for small
 * batches; else in a stream, so that a few bytes never cost much memory.
 */
final class ZstdSource implements BlockSource {
  /**
   * 8 MiB, the window of zstd's level 19: a frame that declares more is refused before it is paid
   * for.
   */
  private static final int MAX_WINDOW_BYTES = 8 * 1024 * 1024;

  private static final int MAGIC = 0xFD2FB528;
  private static final int SINGLE_SEGMENT = 0x20;

  /** Ordinary records shrink to a third, repetitive ones to a tenth. */
  private static final int[] RATIOS = {4, 16};

  /** A stream's tables and buffers, beside its window. */
  private static final int STREAM_BYTES = 512 * 1024;

  // Whoever stops before the end of a batch may forget to close.
  private static final Cleaner CLEANER = Cleaner.create();

  private byte[] array;
  private int position;
  private int end;
  private boolean untried;
  private boolean inFrame;
  private Stream stream;
  private Cleaner.Cleanable cleanable;
  private long windowBytes;

  /** What is outside the heap; without a way back to the source, so that it may be forgotten. */
  private static final class Stream implements Runnable {
    private final ZstdDecompressCtx context = new ZstdDecompressCtx();
    private final ByteBuffer input = ByteBuffer.allocateDirect(PIECE_BYTES);
    private final ByteBuffer output = ByteBuffer.allocateDirect(PIECE_BYTES);

    Stream() {
      forgetInput();
    }

    void forgetInput() {
      input.limit(0);
    }

    @Override
    public void run() {
      context.close();
    }
  }

  @Override
  public void begin(byte[] input, int offset, int length) {
    array = input;
    position = offset;
    end = offset + length;
    untried = true;
    inFrame = false;
    if (stream != null) {
      stream.forgetInput(); // Of a batch that was given up half-way.
    }
  }

  @Override
  public boolean inflateInto(RecordBytes target) throws IOException {
    if (untried) {
      untried = false;
      if (inflateAtOnce(target)) {
        position = end;
        return true;
      }
      openStream();
    }
    return inflatePiece(target);
  }

  /** False when it comes to more than a piece, or to nothing. */
  private boolean inflateAtOnce(RecordBytes target) {
    int length = end - position;
    int tried = 0;
    for (int ratio : RATIOS) {
      int most = (int) Math.min((long) ratio * length, Math.min(target.budget(), PIECE_BYTES));
      if (length <= PIECE_BYTES && most > tried) {
        tried = most;
        byte[] room = target.reserve(most);
        try {
          int count =
              (int) Zstd.decompressByteArray(room, target.limit(), most, array, position, length);
          target.inflated(count);
          return count > 0;
        } catch (ZstdException e) {
          if (e.getErrorCode() != Zstd.errDstSizeTooSmall()) {
            throw e;
          }
        }
      }
    }
    return false;
  }

  private void openStream() {
    if (stream == null) {
      stream = new Stream();
      cleanable = CLEANER.register(this, stream);
    }
    stream.context.reset();
  }

  private boolean inflatePiece(RecordBytes target) throws IOException {
    if (stream == null) {
      return false; // It was inflated at once.
    }
    ByteBuffer input = stream.input;
    ByteBuffer output = stream.output;
    output.clear().limit(Math.min(PIECE_BYTES, target.budgetAndOne()));
    while (output.position() == 0) {
      refill(input);
      if (!inFrame) {
        if (!input.hasRemaining()) {
          return false;
        }
        requireModestWindow(input);
        inFrame = true;
      }
      int left = input.remaining();
      inFrame = !stream.context.decompressDirectByteBufferStream(output, input);
      if (inFrame && output.position() == 0 && input.remaining() == left && position == end) {
        throw new IOException("zstd frame cut off");
      }
    }
    int count = output.flip().remaining();
    byte[] room = target.reserve(count);
    output.get(room, target.limit(), count);
    target.inflated(count);
    return true;
  }

  /** Frames begin with all of their header there. */
  private void refill(ByteBuffer input) {
    if (position < end && (!inFrame || !input.hasRemaining())) {
      input.compact();
      int count = Math.min(input.remaining(), end - position);
      input.put(array, position, count).flip();
      position += count;
    }
  }

  /** Skippable frames need no window, and what is no frame is named by the library. */
  private void requireModestWindow(ByteBuffer input) throws IOException {
    windowBytes = 0;
    int at = input.position();
    input.order(LITTLE_ENDIAN);
    if (input.remaining() < Integer.BYTES + 2 || input.getInt(at) != MAGIC) {
      return;
    }
    int descriptor = input.get(at + Integer.BYTES);
    int next = at + Integer.BYTES + 1;
    if ((descriptor & SINGLE_SEGMENT) == 0) {
      int window = input.get(next) & 0xff;
      long base = 1L << (10 + (window >> 3));
      windowBytes = base + base / 8 * (window & 7);
    } else {
      windowBytes = contentBytes(input, next + dictionaryIdBytes(descriptor), descriptor >> 6 & 3);
    }
    if (windowBytes < 0 || windowBytes > MAX_WINDOW_BYTES) {
      throw new IOException(
          "zstd frame with a window of "
              + Long.toUnsignedString(windowBytes)
              + " bytes, at most "
              + MAX_WINDOW_BYTES);
    }
  }

  private static int dictionaryIdBytes(int descriptor) {
    return switch (descriptor & 3) {
      case 0 -> 0;
      case 1 -> 1;
      case 2 -> 2;
      default -> 4;
    };
  }

  private static long contentBytes(ByteBuffer input, int at, int flag) throws IOException {
    int bytes = 1 << flag;
    if (input.limit() - at < bytes) {
      throw new IOException("zstd frame cut off");
    }
    return switch (flag) {
      case 0 -> Byte.toUnsignedLong(input.get(at));
      case 1 -> Short.toUnsignedLong(input.getShort(at)) + 256;
      case 2 -> Integer.toUnsignedLong(input.getInt(at));
      default -> input.getLong(at);
    };
  }

  @Override
  public int heldBytes() {
    return stream == null ? 0 : STREAM_BYTES + (int) windowBytes;
  }

  @Override
  public void close() {
    if (stream != null) {
      stream = null;
      cleanable.clean();
    }
  }
}
