package io.highwater.proto.record;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;

/** The checksum of a batch: CRC-32C of all bytes from the attributes to the end. */
final class BatchCrc {
  private BatchCrc() {}

  /**
   * Computes it over bytes that must lie within the buffer.
   *
   * @param offset where the batch begins
   * @param sizeInBytes of the whole batch, at least {@link BatchLayout#HEADER_BYTES}
   * @return the checksum, unsigned
   */
  static long compute(DirectBuffer buffer, int offset, int sizeInBytes) {
    int start = offset + BatchLayout.ATTRIBUTES;
    int length = sizeInBytes - BatchLayout.ATTRIBUTES;
    buffer.boundsCheck(start, length);
    CRC32C crc = new CRC32C();
    byte[] array = buffer.byteArray();
    if (array != null) {
      crc.update(array, buffer.wrapAdjustment() + start, length);
    } else {
      ByteBuffer bytes = buffer.byteBuffer().duplicate();
      int position = buffer.wrapAdjustment() + start;
      bytes.limit(position + length).position(position);
      crc.update(bytes);
    }
    return crc.getValue();
  }
}
