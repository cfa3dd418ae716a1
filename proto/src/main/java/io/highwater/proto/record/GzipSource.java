package io.highwater.proto.record;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The members of a gzip file (RFC 1952), each held against its checksum and length. Bytes after the
 * last member, which the JDK's stream passes over, are an error.
 *
 * <pre>
 *   1f 8b | 08 | flags | time u32 | 2 bytes | [extra u16, bytes] | [name 0] | [comment 0] | [u16]
 *   | deflated | CRC32 u32 | length u32
 * </pre>
 */
final class GzipSource implements BlockSource {
  private static final int HEADER_BYTES = 10;
  private static final int TRAILER_BYTES = 8;
  private static final short MAGIC = (short) 0x8b1f;
  private static final int DEFLATE = 8;
  private static final int HEADER_CRC = 0x02;
  private static final int EXTRA = 0x04;
  private static final int NAME = 0x08;
  private static final int COMMENT = 0x10;
  private static final int RESERVED = 0xe0;

  /** The inflater's window and tables. */
  private static final int INFLATER_BYTES = 48 * 1024;

  private final CRC32 crc = new CRC32();
  private ByteBuffer input;
  private Inflater inflater;
  private boolean inMember;

  @Override
  public void begin(byte[] array, int offset, int length) {
    input = ByteBuffer.wrap(array, offset, length).order(LITTLE_ENDIAN);
    inMember = false;
  }

  @Override
  public boolean inflateInto(RecordBytes target) throws IOException {
    int count = 0;
    // A member of no bytes is legal, a piece of no bytes is not.
    while (count == 0) {
      if (!inMember) {
        if (!input.hasRemaining()) {
          return false;
        }
        beginMember();
      }
      count = inflate(target);
    }
    return true;
  }

  private void beginMember() throws IOException {
    readHeader();
    if (inflater == null) {
      inflater = new Inflater(true);
    }
    inflater.reset();
    inflater.setInput(input.array(), input.position(), input.remaining());
    crc.reset();
    inMember = true;
  }

  private int inflate(RecordBytes target) throws IOException {
    int most = Math.min(PIECE_BYTES, target.budgetAndOne());
    byte[] room = target.reserve(most);
    int count;
    try {
      count = inflater.inflate(room, target.limit(), most);
    } catch (DataFormatException e) {
      throw new IOException(e.getMessage(), e);
    }
    crc.update(room, target.limit(), count);
    target.inflated(count);
    if (inflater.finished()) {
      endMember();
    } else if (count == 0) {
      throw new IOException(inflater.needsDictionary() ? "gzip dictionary" : "gzip data cut off");
    }
    return count;
  }

  private void endMember() throws IOException {
    input.position(input.limit() - inflater.getRemaining());
    require(TRAILER_BYTES);
    if (input.getInt() != (int) crc.getValue()
        || input.getInt() != (int) inflater.getBytesWritten()) {
      throw new IOException("gzip data does not match its checksum and length");
    }
    inMember = false;
  }

  private void readHeader() throws IOException {
    require(HEADER_BYTES);
    int start = input.position();
    if (input.getShort() != MAGIC || input.get() != DEFLATE) {
      throw new IOException("no gzip header");
    }
    int flags = input.get();
    if ((flags & RESERVED) != 0) {
      throw new IOException("gzip flags " + (flags & 0xff));
    }
    input.position(start + HEADER_BYTES);
    if ((flags & EXTRA) != 0) {
      require(Short.BYTES);
      int length = Short.toUnsignedInt(input.getShort());
      require(length);
      input.position(input.position() + length);
    }
    skipText((flags & NAME) != 0);
    skipText((flags & COMMENT) != 0);
    if ((flags & HEADER_CRC) != 0) {
      crc.reset();
      crc.update(input.array(), start, input.position() - start);
      require(Short.BYTES);
      if (input.getShort() != (short) crc.getValue()) {
        throw new IOException("gzip header does not match its checksum");
      }
    }
  }

  private void skipText(boolean isThere) throws IOException {
    boolean more = isThere;
    while (more) {
      require(1);
      more = input.get() != 0;
    }
  }

  private void require(int bytes) throws IOException {
    if (input.remaining() < bytes) {
      throw new IOException("gzip data cut off");
    }
  }

  @Override
  public int heldBytes() {
    return inflater == null ? 0 : INFLATER_BYTES;
  }

  @Override
  public void close() {
    if (inflater != null) {
      inflater.end();
      inflater = null;
    }
  }
}
