package io.highwater.proto.record;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;

/**
 * A read-only flyweight over one record batch. It decodes a field when asked for it and checks
 * nothing: {@link BatchValidator} does. Wrapped again for the next batch, never kept; one thread at
 * a time; valid as long as the bytes below are.
 *
 * <pre>
 *   0        8       12       16  17   21   23       27       35       43       51   53       57       61
 *   +--------+--------+--------+---+----+----+--------+--------+--------+--------+----+--------+--------+---------
 *   | base   | batch  | leader | m | crc| at | last   | base   | max    | prod.  | pr.| base   | record | records
 *   | offset | length | epoch  |   |    | tr | delta  | time   | time   | id     | ep.| seq.   | count  | ...
 *   +--------+--------+--------+---+----+----+--------+--------+--------+--------+----+--------+--------+---------
 *            |        |<------------------------ batch length --------------------------------------------------&gt;|
 *   |<- not under the CRC; stamped ->|    |<------------------------- under the CRC ----------------------------&gt;|
 *
 *   record:  length varint | attributes i8 | timestamp delta varlong | offset delta varint
 *            | key length varint, key | value length varint, value | header count varint, headers
 *   header:  key length varint, key (UTF-8) | value length varint, value
 * </pre>
 *
 * Lengths are zig-zag varints; -1 stands for null.
 */
public final class BatchView {
  private DirectBuffer buffer;
  private int offset;

  /**
   * Points the view at a batch.
   *
   * @param buffer holds at least {@link BatchLayout#HEADER_BYTES} from {@code offset}
   * @param offset where the batch begins
   * @return this
   */
  public BatchView wrap(DirectBuffer buffer, int offset) {
    this.buffer = buffer;
    this.offset = offset;
    return this;
  }

  /** The buffer below. */
  public DirectBuffer buffer() {
    return buffer;
  }

  /** Where in {@link #buffer()} the batch begins. */
  public int offset() {
    return offset;
  }

  /** Offset of the first record. */
  public long baseOffset() {
    return buffer.getLong(offset + BatchLayout.BASE_OFFSET, BIG_ENDIAN);
  }

  /**
   * Bytes of the whole batch, header included, as the batch declares them. Not to be trusted before
   * validation: it may be negative.
   */
  public int sizeInBytes() {
    return buffer.getInt(offset + BatchLayout.BATCH_LENGTH, BIG_ENDIAN)
        + BatchLayout.LENGTH_OVERHEAD;
  }

  /** Leader epoch of the append, or {@link BatchLayout#NO_LEADER_EPOCH}. */
  public int leaderEpoch() {
    return buffer.getInt(offset + BatchLayout.LEADER_EPOCH, BIG_ENDIAN);
  }

  /** Format version. */
  public byte magic() {
    return buffer.getByte(offset + BatchLayout.MAGIC);
  }

  /** The stored checksum, unsigned. */
  public long crc() {
    return Integer.toUnsignedLong(buffer.getInt(offset + BatchLayout.CRC, BIG_ENDIAN));
  }

  /**
   * Whether the bytes match their checksum.
   *
   * @throws IndexOutOfBoundsException when {@link #sizeInBytes()} lies: check it first
   */
  public boolean crcMatches() {
    return crc() == BatchCrc.compute(buffer, offset, sizeInBytes());
  }

  /** Codec and flags. */
  public short attributes() {
    return buffer.getShort(offset + BatchLayout.ATTRIBUTES, BIG_ENDIAN);
  }

  /**
   * How the records are compressed.
   *
   * @throws io.highwater.proto.HighwaterException UNSUPPORTED_COMPRESSION_TYPE for an unknown id
   */
  public Codec codec() {
    return Codec.of(attributes() & BatchLayout.CODEC_MASK);
  }

  /** Whose clock the timestamps come from. */
  public TimestampType timestampType() {
    return has(BatchLayout.LOG_APPEND_TIME_FLAG)
        ? TimestampType.LOG_APPEND_TIME
        : TimestampType.CREATE_TIME;
  }

  /** Whether the batch belongs to a transaction. */
  public boolean isTransactional() {
    return has(BatchLayout.TRANSACTIONAL_FLAG);
  }

  /** Whether the batch holds markers. */
  public boolean isControl() {
    return has(BatchLayout.CONTROL_FLAG);
  }

  /** Whether {@link #baseTimestamp()} is the delete horizon that compaction set (KIP-534). */
  public boolean hasDeleteHorizon() {
    return has(BatchLayout.DELETE_HORIZON_FLAG);
  }

  /** Offset of the last record, less the base offset; kept when compaction removes records. */
  public int lastOffsetDelta() {
    return buffer.getInt(offset + BatchLayout.LAST_OFFSET_DELTA, BIG_ENDIAN);
  }

  /** Offset of the last record, inclusive. */
  public long lastOffset() {
    return baseOffset() + lastOffsetDelta();
  }

  /** The offset after the batch. */
  public long nextOffset() {
    return lastOffset() + 1;
  }

  /** What the records' timestamp deltas start from, ms since 1970. */
  public long baseTimestamp() {
    return buffer.getLong(offset + BatchLayout.BASE_TIMESTAMP, BIG_ENDIAN);
  }

  /** The greatest timestamp of the batch, ms since 1970. */
  public long maxTimestamp() {
    return buffer.getLong(offset + BatchLayout.MAX_TIMESTAMP, BIG_ENDIAN);
  }

  /** Producer id, or {@link BatchLayout#NO_PRODUCER_ID}. */
  public long producerId() {
    return buffer.getLong(offset + BatchLayout.PRODUCER_ID, BIG_ENDIAN);
  }

  /** Whether an idempotent producer wrote the batch. */
  public boolean hasProducerId() {
    return producerId() != BatchLayout.NO_PRODUCER_ID;
  }

  /** Producer epoch, or {@link BatchLayout#NO_PRODUCER_EPOCH}. */
  public short producerEpoch() {
    return buffer.getShort(offset + BatchLayout.PRODUCER_EPOCH, BIG_ENDIAN);
  }

  /** Sequence number of the first record, or {@link BatchLayout#NO_SEQUENCE}. */
  public int baseSequence() {
    return buffer.getInt(offset + BatchLayout.BASE_SEQUENCE, BIG_ENDIAN);
  }

  /** Sequence number of the last record, or {@link BatchLayout#NO_SEQUENCE}. */
  public int lastSequence() {
    int baseSequence = baseSequence();
    return baseSequence == BatchLayout.NO_SEQUENCE
        ? BatchLayout.NO_SEQUENCE
        : ProducerSequence.plus(baseSequence, lastOffsetDelta());
  }

  /** Number of records; less than the offsets spanned once compaction has removed some. */
  public int recordCount() {
    return buffer.getInt(offset + BatchLayout.RECORD_COUNT, BIG_ENDIAN);
  }

  private boolean has(int flag) {
    return (attributes() & flag) != 0;
  }
}
