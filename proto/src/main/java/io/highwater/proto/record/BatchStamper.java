package io.highwater.proto.record;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.MutableDirectBuffer;

/** Writes into the header of a finished batch, in place. */
public final class BatchStamper {
  private BatchStamper() {}

  /**
   * Gives a batch its place in the log. Both fields lie before what the CRC covers, so the checksum
   * stays as it is.
   *
   * @param buffer holds a validated batch
   * @param offset where the batch begins
   * @param baseOffset of its first record, from 0
   * @param leaderEpoch of the append, from 0
   */
  public static void stamp(
      MutableDirectBuffer buffer, int offset, long baseOffset, int leaderEpoch) {
    buffer.putLong(offset + BatchLayout.BASE_OFFSET, baseOffset, BIG_ENDIAN);
    buffer.putInt(offset + BatchLayout.LEADER_EPOCH, leaderEpoch, BIG_ENDIAN);
  }

  /**
   * Gives a batch another producer identity and computes its CRC anew: a producer does so when it
   * raised its epoch between two tries. The records stay as they are.
   *
   * @param buffer holds a whole batch that was built here
   * @param offset where the batch begins
   */
  public static void stampProducer(
      MutableDirectBuffer buffer,
      int offset,
      long producerId,
      short producerEpoch,
      int baseSequence) {
    buffer.putLong(offset + BatchLayout.PRODUCER_ID, producerId, BIG_ENDIAN);
    buffer.putShort(offset + BatchLayout.PRODUCER_EPOCH, producerEpoch, BIG_ENDIAN);
    buffer.putInt(offset + BatchLayout.BASE_SEQUENCE, baseSequence, BIG_ENDIAN);
    int sizeInBytes =
        buffer.getInt(offset + BatchLayout.BATCH_LENGTH, BIG_ENDIAN) + BatchLayout.LENGTH_OVERHEAD;
    stampCrc(buffer, offset, sizeInBytes);
  }

  static void stampCrc(MutableDirectBuffer buffer, int offset, int sizeInBytes) {
    long crc = BatchCrc.compute(buffer, offset, sizeInBytes);
    buffer.putInt(offset + BatchLayout.CRC, (int) crc, BIG_ENDIAN);
  }
}
