package io.highwater.proto.record;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;

/**
 * Writes the LZ4 frame format as Kafka does: independent blocks of 64 KiB, no checksums. Compresses
 * from array to array; {@link Lz4FrameSource} has the format.
 */
final class Lz4FrameTarget {
  private static final int BLOCK_BYTES = 64 * 1024;
  private static final int STORED = 0x80000000;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, LITTLE_ENDIAN);

  /** Magic; version 1 with independent blocks; blocks of 64 KiB; the header's checksum. */
  private static final byte[] HEADER = {0x04, 0x22, 0x4D, 0x18, 0x60, 0x40, (byte) 0x82};

  private static final LZ4Compressor COMPRESSOR = LZ4Factory.fastestInstance().fastCompressor();

  private Lz4FrameTarget() {}

  /** Writes one frame with {@code length} bytes of {@code source}. */
  static void deflate(byte[] source, int offset, int length, DeflatedBytes target) {
    target.write(HEADER, 0, HEADER.length);
    int end = offset + length;
    for (int at = offset; at < end; at += BLOCK_BYTES) {
      deflateBlock(source, at, Math.min(BLOCK_BYTES, end - at), target);
    }
    INT.set(target.reserve(Integer.BYTES), target.size(), 0);
    target.wrote(Integer.BYTES);
  }

  private static void deflateBlock(byte[] source, int offset, int length, DeflatedBytes target) {
    int most = COMPRESSOR.maxCompressedLength(length);
    byte[] room = target.reserve(Integer.BYTES + most);
    int start = target.size() + Integer.BYTES;
    int deflated = COMPRESSOR.compress(source, offset, length, room, start, most);
    int header = deflated;
    if (deflated >= length) {
      System.arraycopy(source, offset, room, start, length);
      deflated = length;
      header = length | STORED;
    }
    INT.set(room, target.size(), header);
    target.wrote(Integer.BYTES + deflated);
  }
}
