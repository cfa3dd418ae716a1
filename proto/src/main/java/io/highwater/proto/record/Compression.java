package io.highwater.proto.record;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.agrona.DirectBuffer;
import org.xerial.snappy.SnappyOutputStream;

/** The codecs, written as Kafka writes them, read as Kafka's many clients write them. */
final class Compression {
  private static final int STREAM_PIECE_BYTES = 8 * 1024;

  private Compression() {}

  /** Compresses {@code length} bytes of {@code source} to the end of {@code target}. */
  static void deflate(Codec codec, byte[] source, int offset, int length, DeflatedBytes target)
      throws IOException {
    switch (codec) {
      case NONE -> target.write(source, offset, length);
      case LZ4 -> Lz4FrameTarget.deflate(source, offset, length, target);
      default -> {
        try (OutputStream stream = stream(codec, target)) {
          stream.write(source, offset, length);
        }
      }
    }
  }

  private static OutputStream stream(Codec codec, OutputStream target) throws IOException {
    return switch (codec) {
      case GZIP -> new GZIPOutputStream(target, STREAM_PIECE_BYTES);
      case SNAPPY -> new SnappyOutputStream(target);
      case ZSTD -> new ZstdOutputStreamNoFinalizer(target, RecyclingBufferPool.INSTANCE);
      case NONE, LZ4 -> throw new IllegalArgumentException(codec + " is no stream");
    };
  }

  /** Inflates {@code length} bytes that must be there. */
  static BlockSource inflating(Codec codec, DirectBuffer compressed, int offset, int length)
      throws IOException {
    byte[] input = compressed.byteArray();
    int start;
    if (input != null) {
      start = compressed.wrapAdjustment() + offset;
    } else {
      // The codecs want arrays; only buffers outside the heap pay for a copy.
      input = new byte[length];
      compressed.getBytes(offset, input);
      start = 0;
    }
    return switch (codec) {
      case NONE -> throw new IllegalArgumentException("nothing to inflate");
      case GZIP ->
          new StreamSource(
              new GZIPInputStream(
                  new ByteArrayInputStream(input, start, length), STREAM_PIECE_BYTES));
      case SNAPPY -> new XerialSource(input, start, length);
      case LZ4 -> new Lz4FrameSource(input, start, length);
      case ZSTD -> new ZstdSource(input, start, length);
    };
  }

  /** A codec whose library inflates in a stream. */
  private record StreamSource(InputStream stream) implements BlockSource {
    @Override
    public boolean inflateInto(RecordBytes target) throws IOException {
      byte[] room = target.reserve(STREAM_PIECE_BYTES);
      int count = stream.read(room, target.limit(), room.length - target.limit());
      if (count < 0) {
        return false;
      }
      target.inflated(count);
      return true;
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }
}
