package io.highwater.proto.record;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import io.highwater.proto.codec.NativeLibrary;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;
import org.xerial.snappy.SnappyOutputStream;

/** The codecs, written as Kafka writes them, read as Kafka's many clients write them. */
final class Compression {
  private static final int STREAM_PIECE_BYTES = 8 * 1024;

  private Compression() {}

  /**
   * Compresses {@code length} bytes of {@code source} to the end of {@code target}.
   *
   * @throws io.highwater.proto.HighwaterException UNSUPPORTED_COMPRESSION_TYPE when the codec's
   *     library does not load
   */
  static void deflate(Codec codec, byte[] source, int offset, int length, DeflatedBytes target)
      throws IOException {
    requireLibrary(codec);
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

  /**
   * What inflates, for one batch after the other.
   *
   * @throws io.highwater.proto.HighwaterException UNSUPPORTED_COMPRESSION_TYPE when the codec's
   *     library does not load
   */
  static BlockSource source(Codec codec) {
    requireLibrary(codec);
    return switch (codec) {
      case NONE -> throw new IllegalArgumentException("nothing to inflate");
      case GZIP -> new GzipSource();
      case SNAPPY -> new XerialSource();
      case LZ4 -> new Lz4FrameSource();
      case ZSTD -> new ZstdSource();
    };
  }

  private static void requireLibrary(Codec codec) {
    switch (codec) {
      case ZSTD -> NativeLibrary.ZSTD.require();
      case SNAPPY -> NativeLibrary.SNAPPY.require();
      case NONE, GZIP, LZ4 -> {
        // The JDK's, and one that does without its native part.
      }
    }
  }
}
