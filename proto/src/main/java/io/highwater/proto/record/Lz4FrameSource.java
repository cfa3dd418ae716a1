package io.highwater.proto.record;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import net.jpountz.xxhash.StreamingXXHash32;
import net.jpountz.xxhash.XXHash32;
import net.jpountz.xxhash.XXHashFactory;

/**
 * One LZ4 frame with independent blocks, whose checksums and content size are held against what is
 * there. Kafka's own reader ends with the first frame, so bytes behind it are an error.
 *
 * <pre>
 *   magic u32 | FLG u8 | BD u8 | [content size u64] | header checksum u8
 *   | { block size u32, top bit: stored as is | bytes | [block checksum u32] }... | 0 u32 | [content checksum u32]
 * </pre>
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
  private static final XXHash32 HASH = XXHashFactory.fastestInstance().hash32();

  private final Lz4Block block = new Lz4Block();
  private ByteBuffer input;
  private boolean began;
  private boolean inFrame;
  private boolean inBlock;
  private int storedLeft;
  private int flags;
  private int maxBlockBytes;
  private long contentBytes;
  private long inflatedBytes;
  private StreamingXXHash32 contentHash;

  @Override
  public void begin(byte[] array, int offset, int length) {
    input = ByteBuffer.wrap(array, offset, length).order(LITTLE_ENDIAN);
    began = false;
    inFrame = false;
    inBlock = false;
    storedLeft = 0;
    inflatedBytes = 0;
  }

  @Override
  public boolean inflateInto(RecordBytes target) throws IOException {
    if (!began) {
      began = true;
      readFrameHeader();
    }
    while (inFrame) {
      int count = inflatePiece(target);
      if (count > 0) {
        inflatedBytes += count;
        if ((flags & CONTENT_CHECKSUM) != 0) {
          contentHash.update(target.array(), target.limit() - count, count);
        }
        return true;
      }
    }
    if (input.hasRemaining()) {
      throw new IOException(input.remaining() + " bytes after the lz4 frame");
    }
    return false;
  }

  private void readFrameHeader() throws IOException {
    if (nextInt() != MAGIC) {
      throw new IOException("not an lz4 frame");
    }
    require(2);
    int descriptor = input.position();
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
    if ((flags & CONTENT_SIZE) != 0) {
      require(Long.BYTES);
      contentBytes = input.getLong();
    }
    int hash = HASH.hash(input.array(), descriptor, input.position() - descriptor, 0);
    require(1);
    if (input.get() != (byte) (hash >> 8)) {
      throw new IOException("lz4 frame header does not match its checksum");
    }
    if ((flags & CONTENT_CHECKSUM) != 0) {
      contentHash = XXHashFactory.fastestInstance().newStreamingHash32(0);
    }
    inFrame = true;
  }

  /** 0 at the end of a large block and of the frame. */
  private int inflatePiece(RecordBytes target) throws IOException {
    if (storedLeft > 0) {
      return copyStored(target);
    }
    if (inBlock) {
      int count = block.inflateInto(target);
      inBlock = !block.isDone();
      return count;
    }
    return beginBlock(target);
  }

  private int beginBlock(RecordBytes target) throws IOException {
    int header = nextInt();
    int length = header & ~STORED;
    if (length == 0) {
      endFrame();
      return 0;
    }
    if (length > maxBlockBytes) {
      throw new IOException("lz4 block of " + length + " bytes, at most " + maxBlockBytes);
    }
    require(length);
    int start = input.position();
    if ((header & STORED) != 0) {
      storedLeft = length;
      requireChecksum(start, length);
      return copyStored(target);
    }
    input.position(start + length);
    requireChecksum(start, length);
    return inflateBlock(target, start, length);
  }

  /** With the library what is small enough to be a piece, and by and by what may be larger. */
  private int inflateBlock(RecordBytes target, int start, int length) throws IOException {
    int most = (int) Math.min(maxBlockBytes, (long) MAX_RATIO * length);
    if (most <= PIECE_BYTES) {
      byte[] room = target.reserve(most);
      try {
        int count =
            DECOMPRESSOR.decompress(input.array(), start, length, room, target.limit(), most);
        target.inflated(count);
        return count;
      } catch (LZ4Exception e) {
        throw new IOException(e.getMessage(), e);
      }
    }
    block.begin(input.array(), start, length, most);
    int count = block.inflateInto(target);
    inBlock = !block.isDone();
    return count;
  }

  private int copyStored(RecordBytes target) throws IOException {
    int count = Math.min(storedLeft, PIECE_BYTES);
    byte[] room = target.reserve(count);
    input.get(room, target.limit(), count);
    target.inflated(count);
    storedLeft -= count;
    if (storedLeft == 0 && (flags & BLOCK_CHECKSUM) != 0) {
      input.position(input.position() + Integer.BYTES);
    }
    return count;
  }

  /** Where the block is still to be read, its checksum lies behind it. */
  private void requireChecksum(int start, int length) throws IOException {
    if ((flags & BLOCK_CHECKSUM) == 0) {
      return;
    }
    if (input.limit() - start - length < Integer.BYTES) {
      throw new IOException("lz4 frame cut off");
    }
    if (input.getInt(start + length) != HASH.hash(input.array(), start, length, 0)) {
      throw new IOException("lz4 block does not match its checksum");
    }
    if (storedLeft == 0) {
      input.position(start + length + Integer.BYTES);
    }
  }

  private void endFrame() throws IOException {
    if ((flags & CONTENT_CHECKSUM) != 0 && nextInt() != contentHash.getValue()) {
      throw new IOException("lz4 frame does not match its checksum");
    }
    if ((flags & CONTENT_SIZE) != 0 && contentBytes != inflatedBytes) {
      throw new IOException("lz4 frame of " + inflatedBytes + " bytes says " + contentBytes);
    }
    inFrame = false;
  }

  private int nextInt() throws IOException {
    require(Integer.BYTES);
    return input.getInt();
  }

  private void require(int bytes) throws IOException {
    if (input.remaining() < bytes) {
      throw new IOException("lz4 frame cut off");
    }
  }

  @Override
  public int heldBytes() {
    return block.heldBytes();
  }

  @Override
  public void close() {
    block.close();
  }
}
