package io.highwater.proto.record;

/**
 * Where the fields of a batch header lie; all numbers are big-endian. See {@link BatchView} for the
 * picture.
 */
public final class BatchLayout {
  /** i64: offset of the first record; stamped by the leader. */
  public static final int BASE_OFFSET = 0;

  /** i32: bytes of the batch after this field. */
  public static final int BATCH_LENGTH = BASE_OFFSET + Long.BYTES;

  /** i32: leader epoch in which the batch was appended; stamped by the leader. */
  public static final int LEADER_EPOCH = BATCH_LENGTH + Integer.BYTES;

  /** i8: format version. */
  public static final int MAGIC = LEADER_EPOCH + Integer.BYTES;

  /** u32: CRC-32C of everything from the attributes to the end. */
  public static final int CRC = MAGIC + Byte.BYTES;

  /** i16: codec and flags. */
  public static final int ATTRIBUTES = CRC + Integer.BYTES;

  /** i32: offset of the last record, less the base offset. */
  public static final int LAST_OFFSET_DELTA = ATTRIBUTES + Short.BYTES;

  /** i64: timestamp that the records' deltas start from, ms since 1970. */
  public static final int BASE_TIMESTAMP = LAST_OFFSET_DELTA + Integer.BYTES;

  /** i64: greatest timestamp in the batch, ms since 1970. */
  public static final int MAX_TIMESTAMP = BASE_TIMESTAMP + Long.BYTES;

  /** i64: producer id, or {@link #NO_PRODUCER_ID}. */
  public static final int PRODUCER_ID = MAX_TIMESTAMP + Long.BYTES;

  /** i16: producer epoch, or {@link #NO_PRODUCER_EPOCH}. */
  public static final int PRODUCER_EPOCH = PRODUCER_ID + Long.BYTES;

  /** i32: sequence number of the first record, or {@link #NO_SEQUENCE}. */
  public static final int BASE_SEQUENCE = PRODUCER_EPOCH + Short.BYTES;

  /** i32: number of records. */
  public static final int RECORD_COUNT = BASE_SEQUENCE + Integer.BYTES;

  /** The records, compressed as one block where the attributes say so. */
  public static final int RECORDS = RECORD_COUNT + Integer.BYTES;

  /** Size of the header: the smallest batch. */
  public static final int HEADER_BYTES = RECORDS;

  /** What the batch length field does not count: itself and all before it. */
  public static final int LENGTH_OVERHEAD = BATCH_LENGTH + Integer.BYTES;

  /** The only format version there is here. */
  public static final byte MAGIC_V2 = 2;

  /** Producer id of a batch without one. */
  public static final long NO_PRODUCER_ID = -1;

  /** Producer epoch of a batch without a producer id. */
  public static final short NO_PRODUCER_EPOCH = -1;

  /** Base sequence of a batch without a producer id. */
  public static final int NO_SEQUENCE = -1;

  /** Leader epoch of a batch that no leader has stamped yet. */
  public static final int NO_LEADER_EPOCH = -1;

  /** Attributes, bits 0-2: the codec's id. */
  public static final int CODEC_MASK = 0x07;

  /** Attributes, bit 3: timestamps are the broker's append time. */
  public static final int LOG_APPEND_TIME_FLAG = 1 << 3;

  /** Attributes, bit 4: the batch belongs to a transaction. */
  public static final int TRANSACTIONAL_FLAG = 1 << 4;

  /** Attributes, bit 5: the batch holds markers, not records of a client. */
  public static final int CONTROL_FLAG = 1 << 5;

  /** Attributes, bit 6: the base timestamp is the compaction's delete horizon (KIP-534). */
  public static final int DELETE_HORIZON_FLAG = 1 << 6;

  private BatchLayout() {}
}
