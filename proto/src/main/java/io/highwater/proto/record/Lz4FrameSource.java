package io.highwater.proto.record;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * The LZ4 frame format with independent blocks, inflated from the batch straight into the window.
 *
 * <pre>
 *   magic u32 | FLG u8 | BD u8 | [content size u64] | header checksum u8
 *   | { block size u32, top bit: stored as is | bytes | [block checksum u32] }... | 0 u32 | [content checksum u32]
 * </pre>
 *
 * The frame's own checksums are skipped: the batch's CRC has covered the same bytes.
 */
final class Lz4FrameSource implements BlockSource {
  private static final int MAGIC = 0x184D2204;
  private static final int VERSION_MASK = 0xC0;
  private static final int VERSION_1 = 0x40;
  private static final int INDEPENDENT_BLOCKS = 0x20;
  private static final int BLOCK_CHECKSUM = 0x10;
  private static final int CONTENT_SIZE = 0x08;
  private static final int CONTENT_CHECKSUM = 0x04;
  private static final int DICTIONARY = 0x01;
  private static final int STORED = 0x80000000;

  // A run of 255 more bytes costs one: an honest block cannot grow more.
  private static final int MAX_RATIO = 255;

  private static final LZ4SafeDecompressor DECOMPRESSOR =
      LZ4Factory.fastestInstance().safeDecompressor();

  private final ByteBuffer input;
  private boolean inFrame;
  private int flags;
  private int maxBlockBytes;

  Lz4FrameSource(byte[] array, int offset, int length) {
    input = ByteBuffer.wrap(array, offset, length).slice().order(LITTLE_ENDIAN);
  }

  @Override
  public boolean inflateInto(RecordBytes target) throws IOException {
    int inflatedBytes = 0;
    while (inflatedBytes == 0) {
      if (!inFrame) {
        if (!input.hasRemaining()) {
          return false;
        }
        readFrameHeader();
      }
      inflatedBytes = inflateBlock(target);
    }
    return true;
  }

  private void readFrameHeader() throws IOException {
    if (nextInt() != MAGIC) {
      throw new IOException("not an lz4 frame");
    }
    require(2);
    flags = input.get();
    int blockDescriptor = input.get();
    if ((flags & VERSION_MASK) != VERSION_1
        || (flags & INDEPENDENT_BLOCKS) == 0
        || (flags & DICTIONARY) != 0) {
      throw new IOException("lz4 frame of an unsupported kind, flags " + (flags & 0xff));
    }
    int sizeClass = blockDescriptor >> 4 & 7;
    if (sizeClass < 4) {
      throw new IOException("lz4 block size class " + sizeClass);
    }
    // 64 KiB, 256 KiB, 1 MiB, 4 MiB.
    maxBlockBytes = 1 << (2 * sizeClass + 8);
    skip((flags & CONTENT_SIZE) != 0 ? Long.BYTES + 1 : 1);
    inFrame = true;
  }

  private int inflateBlock(RecordBytes target) throws IOException {
    int header = nextInt();
    int length = header & ~STORED;
    if (length == 0) {
      skip((flags & CONTENT_CHECKSUM) != 0 ? Integer.BYTES : 0);
      inFrame = false;
      return 0;
    }
    if (length > maxBlockBytes) {
      throw new IOException("lz4 block of " + length + " bytes, at most " + maxBlockBytes);
    }
    require(length);
    int start = input.arrayOffset() + input.position();
    int count;
    if ((header & STORED) != 0) {
      byte[] room = target.reserve(length);
      System.arraycopy(input.array(), start, room, target.limit(), length);
      count = length;
    } else {
      int most = (int) Math.min(maxBlockBytes, (long) MAX_RATIO * length);
      byte[] room = target.reserve(most);
      count = DECOMPRESSOR.decompress(input.array(), start, length, room, target.limit(), most);
    }
    target.inflated(count);
    input.position(input.position() + length);
    skip((flags & BLOCK_CHECKSUM) != 0 ? Integer.BYTES : 0);
    return count;
  }

  private int nextInt() throws IOException {
    require(Integer.BYTES);
    return input.getInt();
  }

  private void skip(int bytes) throws IOException {
    require(bytes);
    input.position(input.position() + bytes);
  }

  private void require(int bytes) throws IOException {
    if (input.remaining() < bytes) {
      throw new IOException("lz4 frame cut off");
    }
  }
}
