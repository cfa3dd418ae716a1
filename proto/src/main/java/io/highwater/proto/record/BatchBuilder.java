package io.highwater.proto.record;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Builds one record batch: records are encoded straight into its buffer, compressed once and sealed
 * by {@link #build()}. Reused for one batch after the other; one thread at a time. Its memory grows
 * with what is appended, up to the batch limit (twice that with a codec).
 */
public final class BatchBuilder {
  private static final int INITIAL_BYTES = 4 * 1024;
  private static final int NO_ROOM = -1;

  private final Codec codec;
  private final int maxBatchBytes;

  private byte[] bytes;
  private int size;
  private DeflatedBytes deflated;
  private boolean built;

  private int recordCount;
  private long baseTimestamp;
  private long maxTimestamp;
  private long producerId;
  private short producerEpoch;
  private int baseSequence;

  /**
   * @param codec how the batches are compressed
   * @param maxBatchBytes the limit for a whole batch, header included and before compression
   */
  public BatchBuilder(Codec codec, int maxBatchBytes) {
    if (maxBatchBytes <= BatchLayout.HEADER_BYTES) {
      throw new IllegalArgumentException("maxBatchBytes " + maxBatchBytes + " holds no record");
    }
    this.codec = codec;
    this.maxBatchBytes = maxBatchBytes;
    this.bytes = new byte[Math.min(INITIAL_BYTES, maxBatchBytes)];
    reset();
  }

  /** Begins the next batch, without a producer. The batch built last is overwritten from now on. */
  public void reset() {
    size = BatchLayout.HEADER_BYTES;
    built = false;
    recordCount = 0;
    baseTimestamp = 0;
    maxTimestamp = 0;
    producer(BatchLayout.NO_PRODUCER_ID, BatchLayout.NO_PRODUCER_EPOCH, BatchLayout.NO_SEQUENCE);
  }

  /** Sets whose batch it is, at any time before {@link #build()}. */
  public void producer(long producerId, short producerEpoch, int baseSequence) {
    this.producerId = producerId;
    this.producerEpoch = producerEpoch;
    this.baseSequence = baseSequence;
  }

  /** The limit for a whole batch, header included and before compression. */
  public int maxBatchBytes() {
    return maxBatchBytes;
  }

  /** How many records have been appended. */
  public int recordCount() {
    return recordCount;
  }

  /** Whether no record has been appended. */
  public boolean isEmpty() {
    return recordCount == 0;
  }

  /** Bytes of the batch as it stands, not compressed. */
  public int sizeInBytes() {
    return size;
  }

  /**
   * Whether one more record would stay within the batch limit. Where it does not fit into an empty
   * builder, no batch can take it.
   *
   * @param keyLength bytes of the key, -1 for null
   * @param valueLength bytes of the value, -1 for null
   */
  public boolean fits(
      long timestampMs, int keyLength, int valueLength, List<RecordHeader> headers) {
    return recordSize(bodySize(timestampMs, keyLength, valueLength, headers))
        <= maxBatchBytes - size;
  }

  /**
   * Bytes of an uncompressed batch that holds one record only: what a record is measured by against
   * the batch limit.
   *
   * @param keyLength bytes of the key, -1 for null
   * @param valueLength bytes of the value, -1 for null
   */
  public static long sizeOfSingle(int keyLength, int valueLength, List<RecordHeader> headers) {
    return BatchLayout.HEADER_BYTES + recordSize(bodySize(0, 0, keyLength, valueLength, headers));
  }

  /**
   * Appends a record of whole arrays.
   *
   * @param timestampMs since 1970, from 0
   * @param key or null; copied
   * @param value or null; copied
   * @return the record's place in the batch, from 0
   * @throws HighwaterException MESSAGE_TOO_LARGE when it does not {@linkplain #fits fit},
   *     INVALID_TIMESTAMP when the timestamp is negative; the batch is unchanged then
   */
  public int append(long timestampMs, byte[] key, byte[] value, List<RecordHeader> headers) {
    return append(timestampMs, key, 0, lengthOf(key), value, 0, lengthOf(value), headers);
  }

  /**
   * Appends a record of whole arrays if it {@linkplain #fits fits}, finding out and encoding in one
   * go.
   *
   * @param timestampMs since 1970, from 0
   * @param key or null; copied
   * @param value or null; copied
   * @return false when there is no room for it; the batch is unchanged then
   * @throws HighwaterException INVALID_TIMESTAMP when the timestamp is negative; the batch is
   *     unchanged then
   */
  public boolean tryAppend(long timestampMs, byte[] key, byte[] value, List<RecordHeader> headers) {
    int keyLength = lengthOf(key);
    int valueLength = lengthOf(value);
    int at = beginRecord(timestampMs, keyLength, valueLength, headers);
    if (at == NO_ROOM) {
      return false;
    }
    at = putBytes(at, key, 0, keyLength);
    at = putBytes(at, value, 0, valueLength);
    endRecord(at, timestampMs, headers);
    return true;
  }

  /**
   * Appends a record of slices, as {@link #append(long, byte[], byte[], List)} does.
   *
   * @param keyLength bytes of the key, -1 for null
   * @param valueLength bytes of the value, -1 for null
   */
  public int append(
      long timestampMs,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte[] value,
      int valueOffset,
      int valueLength,
      List<RecordHeader> headers) {
    int at = requireRoom(beginRecord(timestampMs, keyLength, valueLength, headers));
    at = putBytes(at, key, keyOffset, keyLength);
    at = putBytes(at, value, valueOffset, valueLength);
    return endRecord(at, timestampMs, headers);
  }

  /**
   * Appends a record of buffers, as {@link #append(long, byte[], byte[], List)} does.
   *
   * @param key from position to limit, which stay; or null
   * @param value from position to limit, which stay; or null
   */
  public int append(
      long timestampMs, ByteBuffer key, ByteBuffer value, List<RecordHeader> headers) {
    int keyLength = key == null ? -1 : key.remaining();
    int valueLength = value == null ? -1 : value.remaining();
    int at = requireRoom(beginRecord(timestampMs, keyLength, valueLength, headers));
    at = putBytes(at, key, keyLength);
    at = putBytes(at, value, valueLength);
    return endRecord(at, timestampMs, headers);
  }

  /**
   * Compresses and seals the batch, with base offset 0 and no leader epoch. A batch that
   * compression made larger than the limit stays uncompressed. Nothing can be appended before the
   * next {@link #reset()}; until then the caller may write into the result, as {@link BatchStamper}
   * does.
   *
   * @return the batch, from position 0 to its capacity, over an array of the builder's
   */
  public ByteBuffer build() {
    if (built || recordCount == 0) {
      throw new IllegalStateException(built ? "built already" : "no record in the batch");
    }
    built = true;
    byte[] batch = bytes;
    int batchSize = size;
    Codec used = codec;
    if (codec != Codec.NONE) {
      deflate();
      if (deflated.size() <= maxBatchBytes) {
        batch = deflated.array();
        batchSize = deflated.size();
      } else {
        used = Codec.NONE;
      }
    }
    seal(new UnsafeBuffer(batch, 0, batchSize), used);
    return ByteBuffer.wrap(batch, 0, batchSize).slice();
  }

  private void deflate() {
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
  }

  private void seal(UnsafeBuffer batch, Codec used) {
    batch.putLong(BatchLayout.BASE_OFFSET, 0, BIG_ENDIAN);
    batch.putInt(
        BatchLayout.BATCH_LENGTH, batch.capacity() - BatchLayout.LENGTH_OVERHEAD, BIG_ENDIAN);
    batch.putInt(BatchLayout.LEADER_EPOCH, BatchLayout.NO_LEADER_EPOCH, BIG_ENDIAN);
    batch.putByte(BatchLayout.MAGIC, BatchLayout.MAGIC_V2);
    batch.putShort(BatchLayout.ATTRIBUTES, (short) used.id(), BIG_ENDIAN);
    batch.putInt(BatchLayout.LAST_OFFSET_DELTA, recordCount - 1, BIG_ENDIAN);
    batch.putLong(BatchLayout.BASE_TIMESTAMP, baseTimestamp, BIG_ENDIAN);
    batch.putLong(BatchLayout.MAX_TIMESTAMP, maxTimestamp, BIG_ENDIAN);
    batch.putLong(BatchLayout.PRODUCER_ID, producerId, BIG_ENDIAN);
    batch.putShort(BatchLayout.PRODUCER_EPOCH, producerEpoch, BIG_ENDIAN);
    batch.putInt(BatchLayout.BASE_SEQUENCE, baseSequence, BIG_ENDIAN);
    batch.putInt(BatchLayout.RECORD_COUNT, recordCount, BIG_ENDIAN);
    BatchStamper.stampCrc(batch, 0, batch.capacity());
  }

  /** Writes what comes before the key; returns the position after it, or {@link #NO_ROOM}. */
  private int beginRecord(
      long timestampMs, int keyLength, int valueLength, List<RecordHeader> headers) {
    if (built) {
      throw new IllegalStateException("batch is built: reset first");
    }
    if (timestampMs < 0) {
      throw new HighwaterException(
          ErrorCode.INVALID_TIMESTAMP, "record has timestamp " + timestampMs);
    }
    long bodySize = bodySize(timestampMs, keyLength, valueLength, headers);
    long recordSize = recordSize(bodySize);
    if (recordSize > maxBatchBytes - size) {
      return NO_ROOM;
    }
    grow(size + (int) recordSize);
    if (recordCount == 0) {
      baseTimestamp = timestampMs;
    }
    int at = Varints.put(bytes, size, bodySize);
    bytes[at++] = 0;
    at = Varints.put(bytes, at, timestampMs - baseTimestamp);
    return Varints.put(bytes, at, recordCount);
  }

  private int requireRoom(int position) {
    if (position == NO_ROOM) {
      throw new HighwaterException(
          ErrorCode.MESSAGE_TOO_LARGE,
          "record does not fit into a batch of " + size + " bytes, the limit is " + maxBatchBytes);
    }
    return position;
  }

  private int endRecord(int position, long timestampMs, List<RecordHeader> headers) {
    int at = Varints.put(bytes, position, headers.size());
    for (int i = 0; i < headers.size(); i++) {
      RecordHeader header = headers.get(i);
      byte[] key = header.key().getBytes(UTF_8);
      byte[] value = header.value();
      at = putBytes(at, key, 0, key.length);
      at = putBytes(at, value, 0, value == null ? -1 : value.length);
    }
    size = at;
    maxTimestamp = Math.max(maxTimestamp, timestampMs);
    return recordCount++;
  }

  private int putBytes(int position, byte[] source, int offset, int length) {
    int at = Varints.put(bytes, position, length);
    if (length > 0) {
      System.arraycopy(source, offset, bytes, at, length);
      at += length;
    }
    return at;
  }

  private int putBytes(int position, ByteBuffer source, int length) {
    int at = Varints.put(bytes, position, length);
    if (length > 0) {
      source.get(source.position(), bytes, at, length);
      at += length;
    }
    return at;
  }

  private void grow(int needed) {
    if (needed > bytes.length) {
      long doubled = Math.max(needed, 2L * bytes.length);
      bytes = Arrays.copyOf(bytes, (int) Math.min(doubled, maxBatchBytes));
    }
  }

  private long bodySize(
      long timestampMs, int keyLength, int valueLength, List<RecordHeader> headers) {
    long timestampDelta = recordCount == 0 ? 0 : timestampMs - baseTimestamp;
    return bodySize(timestampDelta, recordCount, keyLength, valueLength, headers);
  }

  private static int lengthOf(byte[] bytes) {
    return bytes == null ? -1 : bytes.length;
  }

  private static long recordSize(long bodySize) {
    return Varints.sizeOf(bodySize) + bodySize;
  }

  private static long bodySize(
      long timestampDelta,
      int offsetDelta,
      int keyLength,
      int valueLength,
      List<RecordHeader> headers) {
    long size =
        Byte.BYTES
            + Varints.sizeOf(timestampDelta)
            + Varints.sizeOf(offsetDelta)
            + sizeOfBytes(keyLength)
            + sizeOfBytes(valueLength)
            + Varints.sizeOf(headers.size());
    for (int i = 0; i < headers.size(); i++) {
      RecordHeader header = headers.get(i);
      size += sizeOfBytes(header.key().getBytes(UTF_8).length);
      size += sizeOfBytes(header.value() == null ? -1 : header.value().length);
    }
    return size;
  }

  private static long sizeOfBytes(int length) {
    return Varints.sizeOf(length) + Math.max(0L, length);
  }
}
