package io.highwater.log.segment;

import java.nio.ByteBuffer;

/**
 * What is known of a sealed segment without opening it.
 *
 * @param baseOffset of the segment
 * @param endOffset exclusive: where the next segment begins
 * @param sizeInBytes of the log file
 * @param logCrc CRC32C of the whole log file, unsigned, or {@link LogCrc#UNKNOWN}
 * @param generation how often it was cleaned; 0 as it was written
 * @param lastAppendMs the broker's wall clock at the last append, ms since 1970
 * @param lastEpoch leader epoch of the last batch as it was written, which cleaning keeps; -1
 *     without batches
 */
public record SegmentSummary(
    long baseOffset,
    long endOffset,
    long sizeInBytes,
    long logCrc,
    int generation,
    long lastAppendMs,
    int lastEpoch) {

  /** Bytes of an encoded summary. */
  static final int BYTES = 5 * Long.BYTES + 2 * Integer.BYTES;

  /** A copy with the checksum of the log file. */
  public SegmentSummary withLogCrc(long crc) {
    return new SegmentSummary(
        baseOffset, endOffset, sizeInBytes, crc, generation, lastAppendMs, lastEpoch);
  }

  /** A copy that reaches to where the next segment begins: behind its last batch a gap may lie. */
  public SegmentSummary withEndOffset(long end) {
    return new SegmentSummary(
        baseOffset, end, sizeInBytes, logCrc, generation, lastAppendMs, lastEpoch);
  }

  /** Writes the fields in their order. */
  void encode(ByteBuffer to) {
    to.putLong(baseOffset).putLong(endOffset).putLong(sizeInBytes).putLong(logCrc);
    to.putInt(generation).putLong(lastAppendMs).putInt(lastEpoch);
  }

  /** Reads what {@link #encode} wrote. */
  static SegmentSummary decode(ByteBuffer from) {
    return new SegmentSummary(
        from.getLong(),
        from.getLong(),
        from.getLong(),
        from.getLong(),
        from.getInt(),
        from.getLong(),
        from.getInt());
  }
}
