package io.highwater.log.segment;

import io.highwater.log.io.StorageFile;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.BatchView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Checks a batch where it lies. Its length is not under the CRC (STO-4), so a damaged one may claim
 * the rest of the segment: this tells before anybody allocates that much.
 */
public final class BatchInFile {
  private static final int PIECE_BYTES = 64 << 10;

  private BatchInFile() {}

  /**
   * Whether the bytes that the length field claims match the CRC; reads them piece by piece.
   *
   * @param position where the batch begins
   * @param header the batch's header; it claims at least {@link BatchLayout#HEADER_BYTES}
   */
  public static boolean crcMatches(StorageFile file, int position, BatchView header)
      throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
    long end = (long) position + header.sizeInBytes();
    long at = (long) position + BatchLayout.ATTRIBUTES;
    while (at < end) {
      piece.clear().limit((int) Math.min(PIECE_BYTES, end - at));
      at += file.readFully(piece, at);
      if (piece.hasRemaining()) {
        return false;
      }
      crc.update(piece.flip());
    }
    return crc.getValue() == header.crc();
  }
}
