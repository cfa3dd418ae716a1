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
 * @param marks the batches it begins and ends with
 */
public record SegmentSummary(
    long baseOffset,
    long endOffset,
    long sizeInBytes,
    long logCrc,
    int generation,
    long lastAppendMs,
    SegmentMarks marks) {

  /** Bytes of a summary as versions before the marks wrote it. */
  static final int BYTES_WITHOUT_MARKS = 5 * Long.BYTES + 2 * Integer.BYTES;

  /** Bytes of an encoded summary. */
  static final int BYTES = BYTES_WITHOUT_MARKS + SegmentMarks.BYTES;

  /** Leader epoch of the last batch, as {@link SegmentMarks#lastEpoch}. */
  public int lastEpoch() {
    return marks.lastEpoch();
  }

  /** A copy with the checksum of the log file. */
  public SegmentSummary withLogCrc(long crc) {
    return new SegmentSummary(
        baseOffset, endOffset, sizeInBytes, crc, generation, lastAppendMs, marks);
  }

  /** A copy that reaches to where the next segment begins: behind its last batch a gap may lie. */
  public SegmentSummary withEndOffset(long end) {
    return new SegmentSummary(
        baseOffset, end, sizeInBytes, logCrc, generation, lastAppendMs, marks);
  }

  /** Writes the fields in their order. */
  void encode(ByteBuffer to) {
    to.putLong(baseOffset).putLong(endOffset).putLong(sizeInBytes).putLong(logCrc);
    to.putInt(generation).putLong(lastAppendMs).putInt(lastEpoch());
    marks.encode(to);
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @param marked whether the marks are there
   */
  static SegmentSummary decode(ByteBuffer from, boolean marked) {
    long baseOffset = from.getLong();
    long endOffset = from.getLong();
    long sizeInBytes = from.getLong();
    long logCrc = from.getLong();
    int generation = from.getInt();
    long lastAppendMs = from.getLong();
    int lastEpoch = from.getInt();
    return new SegmentSummary(
        baseOffset,
        endOffset,
        sizeInBytes,
        logCrc,
        generation,
        lastAppendMs,
        marked ? SegmentMarks.decode(from, lastEpoch) : SegmentMarks.ofEpoch(lastEpoch));
  }
}
