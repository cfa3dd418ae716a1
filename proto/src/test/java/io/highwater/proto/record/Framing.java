package io.highwater.proto.record;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG.Bits;
import org.xerial.snappy.Snappy;
import org.xerial.snappy.SnappyOutputStream;

/** The ways in which clients of many languages compress the records of a batch. */
@SuppressWarnings("ImmutableEnumChecker") // The functions have no state.
enum Framing {
  GZIP(Codec.GZIP, plain -> stream(plain, GZIPOutputStream::new)),
  GZIP_TWO_MEMBERS(
      Codec.GZIP,
      plain ->
          joined(
              stream(firstHalf(plain), GZIPOutputStream::new),
              stream(secondHalf(plain), GZIPOutputStream::new))),
  SNAPPY_FRAMED(Codec.SNAPPY, plain -> stream(plain, SnappyOutputStream::new)),
  SNAPPY_LARGE_BLOCKS(
      Codec.SNAPPY, plain -> stream(plain, out -> new SnappyOutputStream(out, 512 * 1024))),
  SNAPPY_BARE(Codec.SNAPPY, Snappy::compress),
  LZ4_64K(Codec.LZ4, plain -> lz4(plain, BLOCKSIZE.SIZE_64KB)),
  LZ4_256K_CHECKED(Codec.LZ4, plain -> lz4(plain, BLOCKSIZE.SIZE_256KB, Bits.BLOCK_CHECKSUM)),
  LZ4_1M_CHECKED(Codec.LZ4, plain -> lz4(plain, BLOCKSIZE.SIZE_1MB, Bits.CONTENT_CHECKSUM)),
  LZ4_4M(Codec.LZ4, plain -> lz4(plain, BLOCKSIZE.SIZE_4MB)),
  ZSTD_STREAM(Codec.ZSTD, plain -> stream(plain, ZstdOutputStreamNoFinalizer::new)),
  ZSTD_LEVEL_19(
      Codec.ZSTD, plain -> stream(plain, out -> new ZstdOutputStreamNoFinalizer(out, 19))),
  ZSTD_AT_ONCE(Codec.ZSTD, Zstd::compress),
  ZSTD_CHECKED(Codec.ZSTD, Framing::checkedZstd),
  ZSTD_TWO_FRAMES(
      Codec.ZSTD, plain -> joined(Zstd.compress(firstHalf(plain)), checkedZstd(secondHalf(plain))));

  interface Deflater {
    byte[] deflate(byte[] plain) throws IOException;
  }

  private interface Opener {
    OutputStream open(OutputStream target) throws IOException;
  }

  private final Codec codec;
  private final Deflater deflater;

  Framing(Codec codec, Deflater deflater) {
    this.codec = codec;
    this.deflater = deflater;
  }

  Codec codec() {
    return codec;
  }

  byte[] deflate(byte[] plain) throws IOException {
    return deflater.deflate(plain);
  }

  /** The same batch, its records compressed this way. */
  byte[] compressed(byte[] plainBatch) throws IOException {
    byte[] records = Arrays.copyOfRange(plainBatch, BatchLayout.HEADER_BYTES, plainBatch.length);
    return Batches.withRecords(plainBatch, codec, deflate(records));
  }

  private static byte[] stream(byte[] plain, Opener opener) throws IOException {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    try (OutputStream stream = opener.open(target)) {
      stream.write(plain);
    }
    return target.toByteArray();
  }

  private static byte[] lz4(byte[] plain, BLOCKSIZE blocks, Bits... flags) throws IOException {
    Bits[] all = Arrays.copyOf(flags, flags.length + 1);
    all[flags.length] = Bits.BLOCK_INDEPENDENCE;
    return stream(plain, out -> new LZ4FrameOutputStream(out, blocks, all));
  }

  private static byte[] checkedZstd(byte[] plain) {
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      return context.setChecksum(true).compress(plain);
    }
  }

  private static byte[] firstHalf(byte[] plain) {
    return Arrays.copyOf(plain, plain.length / 2);
  }

  private static byte[] secondHalf(byte[] plain) {
    return Arrays.copyOfRange(plain, plain.length / 2, plain.length);
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
