package io.highwater.proto.record;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG;
import org.agrona.DirectBuffer;
import org.xerial.snappy.SnappyOutputStream;

/** The codecs, written as Kafka writes them, read as Kafka's many clients write them. */
final class Compression {
  private static final int STREAM_PIECE_BYTES = 8 * 1024;

  private Compression() {}

  /** A stream that compresses into {@code target}; whole once closed. */
  static OutputStream deflating(Codec codec, OutputStream target) throws IOException {
    return switch (codec) {
      case NONE -> target;
      case GZIP -> new GZIPOutputStream(target, STREAM_PIECE_BYTES);
      case SNAPPY -> new SnappyOutputStream(target);
      case LZ4 ->
          new LZ4FrameOutputStream(target, BLOCKSIZE.SIZE_64KB, FLG.Bits.BLOCK_INDEPENDENCE);
      case ZSTD -> new ZstdOutputStreamNoFinalizer(target, RecyclingBufferPool.INSTANCE);
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
