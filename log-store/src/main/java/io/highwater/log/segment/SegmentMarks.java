package io.highwater.log.segment;

import io.highwater.log.EpochEnd;
import java.nio.ByteBuffer;

/**
 * By what a segment's log file is told from any other without reading all of it: the batches that
 * it begins and ends with (STO-11).
 *
 * @param firstCrc the first batch's own CRC, unsigned, or {@link #UNKNOWN}
 * @param lastCrc the last batch's, or {@link #UNKNOWN}
 * @param lastPosition where the last batch begins
 * @param lastEpoch leader epoch of the last batch as it was written, which cleaning keeps; -1
 *     without batches
 */
public record SegmentMarks(long firstCrc, long lastCrc, int lastPosition, int lastEpoch) {
  /** Stands for the CRC of a batch that there is not, or that nobody wrote down. */
  public static final long UNKNOWN = -1;

  /** Of a segment without batches. */
  public static final SegmentMarks NONE = ofEpoch(EpochEnd.NONE);

  static final int BYTES = 2 * Long.BYTES + Integer.BYTES;

  /** Of a segment of which nothing else was written down. */
  public static SegmentMarks ofEpoch(int lastEpoch) {
    return new SegmentMarks(UNKNOWN, UNKNOWN, 0, lastEpoch);
  }

  /** These with another batch behind them. */
  public SegmentMarks with(long crc, int position, int epoch) {
    return new SegmentMarks(position == 0 ? crc : firstCrc, crc, position, epoch);
  }

  /** Writes all but the epoch. */
  void encode(ByteBuffer to) {
    to.putLong(firstCrc).putLong(lastCrc).putInt(lastPosition);
  }

  /** Reads what {@link #encode} wrote. */
  static SegmentMarks decode(ByteBuffer from, int lastEpoch) {
    return new SegmentMarks(from.getLong(), from.getLong(), from.getInt(), lastEpoch);
  }
}
