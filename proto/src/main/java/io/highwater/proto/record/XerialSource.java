package io.highwater.proto.record;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.xerial.snappy.Snappy;
import org.xerial.snappy.SnappyCodec;

/**
 * Snappy blocks in xerial's framing: a 16-byte header (magic, version, lowest compatible version),
 * then for each block its length (i32, big-endian) and its bytes. Clients that are not written in
 * Java send one bare block without framing; Kafka reads it, so this does.
 */
final class XerialSource implements BlockSource {
  private static final byte[] MAGIC = SnappyCodec.getMagicHeader();
  private static final int HEADER_BYTES = MAGIC.length + 2 * Integer.BYTES;

  // A copy of three bytes gives 64 at most, so an honest block grows 22 times at most.
  private static final int MAX_RATIO = 24;

  private final SnappyBlock block = new SnappyBlock();
  private ByteBuffer input;
  private boolean framed;
  private boolean inBlock;

  @Override
  public void begin(byte[] array, int offset, int length) {
    input = ByteBuffer.wrap(array, offset, length).order(BIG_ENDIAN);
    framed =
        length >= HEADER_BYTES
            && input.slice(offset, MAGIC.length).equals(ByteBuffer.wrap(MAGIC, 0, MAGIC.length));
    if (framed) {
      input.position(offset + HEADER_BYTES);
    }
    inBlock = false;
  }

  @Override
  public boolean inflateInto(RecordBytes target) throws IOException {
    int count = 0;
    // An empty block is legal, a piece of no bytes is not.
    while (count == 0) {
      if (inBlock) {
        count = inflateLarge(target);
      } else if (input.hasRemaining()) {
        count = inflateBlock(target, nextBlockLength());
      } else {
        return false;
      }
    }
    return true;
  }

  private int nextBlockLength() throws IOException {
    if (!framed) {
      return input.remaining();
    }
    if (input.remaining() < Integer.BYTES) {
      throw new IOException("snappy block length cut off");
    }
    int length = input.getInt();
    if (length <= 0 || length > input.remaining()) {
      throw new IOException("snappy block of " + length + " bytes, " + input.remaining() + " left");
    }
    return length;
  }

  /** With the library what is small enough to be a piece, and by and by what is larger. */
  private int inflateBlock(RecordBytes target, int length) throws IOException {
    int start = input.position();
    input.position(start + length);
    int declared = Snappy.uncompressedLength(input.array(), start, length);
    if (declared < 0 || declared > (long) MAX_RATIO * length) {
      throw new IOException("snappy block of " + length + " bytes claims " + declared);
    }
    if (declared > target.budget()) {
      throw target.tooLarge();
    }
    if (declared > PIECE_BYTES) {
      block.begin(input.array(), start, length, declared);
      return inflateLarge(target);
    }
    byte[] room = target.reserve(declared);
    int count = Snappy.uncompress(input.array(), start, length, room, target.limit());
    target.inflated(count);
    return count;
  }

  private int inflateLarge(RecordBytes target) throws IOException {
    int count = block.inflateInto(target);
    inBlock = !block.isDone();
    return count;
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
