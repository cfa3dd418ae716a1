package io.highwater.proto.record;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Writes a batch again with some of its records, as compaction needs it: offsets, timestamps, keys,
 * values, headers, codec, producer and leader epoch stay; base and last offset stay whatever goes.
 * Reused for one batch after the other; one thread at a time. Its memory grows to the largest batch
 * that it wrote (twice that with a codec).
 */
public final class BatchRewriter {
  /** Stands for no delete horizon. */
  public static final long NO_HORIZON = -1;

  /** Kafka's base timestamp of a batch that holds no records. */
  private static final long NO_TIMESTAMP = -1;

  private static final int INITIAL_BYTES = 16 * 1024;

  private final BatchView source = new BatchView();
  private byte[] bytes = new byte[INITIAL_BYTES];
  private DeflatedBytes deflated;
  private int size;
  private int recordCount;
  private long maxTimestamp;
  private long shiftMs;

  /**
   * Begins with a batch; what was written last is overwritten from now on.
   *
   * @param batch a sound batch; borrowed until {@link #finish}
   * @param deleteHorizonMs set as the batch's delete horizon (KIP-534), ms since 1970; {@link
   *     #NO_HORIZON} leaves the one it has, or none
   */
  public void begin(BatchView batch, long deleteHorizonMs) {
    source.wrap(batch.buffer(), batch.offset());
    source.buffer().getBytes(source.offset(), bytes, 0, BatchLayout.HEADER_BYTES);
    size = BatchLayout.HEADER_BYTES;
    recordCount = 0;
    maxTimestamp = NO_TIMESTAMP;
    shiftMs = 0;
    if (deleteHorizonMs != NO_HORIZON) {
      UnsafeBuffer header = new UnsafeBuffer(bytes, 0, BatchLayout.HEADER_BYTES);
      short attributes = (short) (source.attributes() | BatchLayout.DELETE_HORIZON_FLAG);
      header.putShort(BatchLayout.ATTRIBUTES, attributes, BIG_ENDIAN);
      header.putLong(BatchLayout.BASE_TIMESTAMP, deleteHorizonMs, BIG_ENDIAN);
      shiftMs = source.baseTimestamp() - deleteHorizonMs;
    }
  }

  /**
   * Keeps a record.
   *
   * @param records stands at a record of the batch that was begun, behind the one kept last
   */
  public void keep(RecordCursor records) {
    int length = records.bodyLength();
    grow(size + length + Varints.MAX_INT_BYTES + Varints.MAX_LONG_BYTES);
    if (shiftMs == 0) {
      size = Varints.put(bytes, size, length);
      records.buffer().getBytes(records.bodyOffset(), bytes, size, length);
      size += length;
    } else {
      keepShifted(records, length);
    }
    maxTimestamp = Math.max(maxTimestamp, records.timestamp());
    recordCount++;
  }

  /** The timestamp delta starts from the horizon now. */
  private void keepShifted(RecordCursor records, int length) {
    long delta = records.timestampDelta() + shiftMs;
    int rest = records.bodyOffset() + length - records.timestampEnd();
    size = Varints.put(bytes, size, (long) Byte.BYTES + Varints.sizeOf(delta) + rest);
    bytes[size++] = records.buffer().getByte(records.bodyOffset());
    size = Varints.put(bytes, size, delta);
    records.buffer().getBytes(records.timestampEnd(), bytes, size, rest);
    size += rest;
  }

  /** Records kept so far. */
  public int recordCount() {
    return recordCount;
  }

  /**
   * Ends the batch; without records it is a bare header that still tells offsets and producer.
   *
   * @return the batch, from position to limit, over an array of this object; valid until the next
   *     {@link #begin}
   */
  public ByteBuffer finish() {
    if (recordCount == 0) {
      return seal(bytes, size, Codec.NONE);
    }
    Codec codec = source.codec();
    if (codec == Codec.NONE) {
      return seal(bytes, size, codec);
    }
    if (deflated == null) {
      deflated = new DeflatedBytes(bytes.length);
    }
    deflated.reset();
    deflated.write(bytes, 0, BatchLayout.HEADER_BYTES);
    try {
      Compression.deflate(codec, bytes, BatchLayout.RECORDS, size - BatchLayout.RECORDS, deflated);
    } catch (IOException e) {
      throw new UncheckedIOException("an array took no bytes", e);
    }
    return seal(deflated.array(), deflated.size(), codec);
  }

  private ByteBuffer seal(byte[] batch, int batchSize, Codec codec) {
    UnsafeBuffer header = new UnsafeBuffer(batch, 0, batchSize);
    int attributes = header.getShort(BatchLayout.ATTRIBUTES, BIG_ENDIAN);
    attributes = (attributes & ~BatchLayout.CODEC_MASK) | codec.id();
    if (recordCount == 0) {
      attributes &= ~BatchLayout.DELETE_HORIZON_FLAG;
      header.putLong(BatchLayout.BASE_TIMESTAMP, NO_TIMESTAMP, BIG_ENDIAN);
    } else if (source.timestampType() == TimestampType.CREATE_TIME) {
      header.putLong(BatchLayout.MAX_TIMESTAMP, maxTimestamp, BIG_ENDIAN);
    }
    header.putShort(BatchLayout.ATTRIBUTES, (short) attributes, BIG_ENDIAN);
    header.putInt(BatchLayout.BATCH_LENGTH, batchSize - BatchLayout.LENGTH_OVERHEAD, BIG_ENDIAN);
    header.putInt(BatchLayout.RECORD_COUNT, recordCount, BIG_ENDIAN);
    BatchStamper.stampCrc(header, 0, batchSize);
    return ByteBuffer.wrap(batch, 0, batchSize);
  }

  private void grow(int needed) {
    if (needed > bytes.length) {
      // One very large record gets what it needs and no more.
      long room = Math.max(needed, 2L * bytes.length);
      bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8, room));
    }
  }
}
