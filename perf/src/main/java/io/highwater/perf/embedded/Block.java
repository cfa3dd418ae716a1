package io.highwater.perf.embedded;

import java.nio.ByteBuffer;

/** Records one behind the other, each after its length, with room for a header before them. */
final class Block {
  /** Header: length of what follows it and CRC32C of that, four bytes each. */
  static final int HEADER_BYTES = 8;

  /** A block is closed before it would exceed this. */
  static final int TARGET_BYTES = 64 << 10;

  private ByteBuffer bytes = ByteBuffer.allocate(TARGET_BYTES).position(HEADER_BYTES);

  /** Whether a record still belongs in here; an empty block takes any. */
  boolean takes(int payloadBytes) {
    return isEmpty() || payloadBytes + Integer.BYTES <= bytes.remaining();
  }

  boolean isEmpty() {
    return bytes.position() == HEADER_BYTES;
  }

  void add(byte[] payload) {
    if (payload.length + Integer.BYTES > bytes.remaining()) {
      bytes = ByteBuffer.allocate(HEADER_BYTES + Integer.BYTES + payload.length);
      bytes.position(HEADER_BYTES);
    }
    bytes.putInt(payload.length).put(payload);
  }

  /**
   * Closes the block.
   *
   * @param crc of the records' part, or 0 for none
   * @return the whole block, valid until {@link #reset()}
   */
  ByteBuffer close(int crc) {
    bytes.putInt(0, bytes.position() - HEADER_BYTES).putInt(Integer.BYTES, crc);
    return bytes.flip();
  }

  byte[] array() {
    return bytes.array();
  }

  int recordBytes() {
    return bytes.position() - HEADER_BYTES;
  }

  void reset() {
    bytes.clear().position(HEADER_BYTES);
  }
}
