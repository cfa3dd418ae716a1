package io.highwater.proto.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * Walks the records of one batch, lazily: a record is found when {@link #next()} asks for it, and
 * compressed records are inflated as far as the walk has come. Nothing is allocated per record
 * except by the methods that hand out copies.
 *
 * <p>The cursor trusts nothing in the batch, yet does not check the CRC: {@link BatchValidator}
 * does. It may stop at any record and go on later, while the batch stays where it is. Used for one
 * batch after the other, by one thread; it keeps what codecs need for the next one until {@link
 * #close()} frees it.
 */
public final class RecordCursor implements AutoCloseable {
  /** Unless told otherwise, a batch may inflate to this many bytes: 64 MiB. */
  public static final int DEFAULT_MAX_INFLATED_BYTES = 64 * 1024 * 1024;

  private final BatchView view = new BatchView();
  private final RecordFields fields = new RecordFields(ErrorCode.CORRUPT_MESSAGE);
  private final RecordBytes bytes;

  /** What {@link #step} found. */
  public enum Step {
    /** The cursor is at the next record. */
    RECORD,
    /** The next record is not inflated yet: another step goes on. */
    PAUSED,
    /** There is no record any more. */
    END
  }

  private long baseOffset;
  private long baseTimestamp;
  private long appendTimestamp;
  private boolean isAppendTime;
  private int lastOffsetDelta;
  private int recordsLeft;
  private int sizeInBytes;
  private boolean open;

  /** A cursor for batches that inflate to {@link #DEFAULT_MAX_INFLATED_BYTES} at most. */
  public RecordCursor() {
    this(DEFAULT_MAX_INFLATED_BYTES);
  }

  /**
   * @param maxInflatedBytes what the records of one compressed batch may come to, 1 byte to 1 GiB
   */
  public RecordCursor(int maxInflatedBytes) {
    if (maxInflatedBytes < 1 || maxInflatedBytes > 1 << 30) {
      throw new IllegalArgumentException("maxInflatedBytes " + maxInflatedBytes);
    }
    bytes = new RecordBytes(maxInflatedBytes, ErrorCode.CORRUPT_MESSAGE);
  }

  /**
   * Goes before the first record of a batch.
   *
   * @param buffer holds the batch; borrowed until the next {@code wrap} or {@link #close()}
   * @param offset where the batch begins
   * @return this
   * @throws HighwaterException CORRUPT_MESSAGE when the batch does not lie within the buffer or
   *     cannot be decompressed, UNSUPPORTED_FOR_MESSAGE_FORMAT or UNSUPPORTED_COMPRESSION_TYPE when
   *     it is of a kind that is not read here
   */
  public RecordCursor wrap(DirectBuffer buffer, int offset) {
    open = false;
    view.wrap(buffer, offset);
    int size = BatchValidator.checkFrame(view, buffer.capacity() - offset);
    Codec codec = view.codec();
    baseOffset = view.baseOffset();
    baseTimestamp = view.baseTimestamp();
    appendTimestamp = view.maxTimestamp();
    isAppendTime = view.timestampType() == TimestampType.LOG_APPEND_TIME;
    lastOffsetDelta = view.lastOffsetDelta();
    recordsLeft = view.recordCount();
    fields.offsetDelta = -1;
    if (recordsLeft < 0) {
      throw fields.malformed("record count " + recordsLeft);
    }
    int recordsLength = size - BatchLayout.HEADER_BYTES;
    // Compaction leaves bare headers behind, whatever the codec was.
    bytes.wrap(
        recordsLength == 0 ? Codec.NONE : codec,
        buffer,
        offset + BatchLayout.RECORDS,
        recordsLength);
    open = true;
    return this;
  }

  /**
   * Goes to the next record.
   *
   * @return false when there is none
   * @throws HighwaterException CORRUPT_MESSAGE when the records are not as the format has them,
   *     MESSAGE_TOO_LARGE when they inflate to more than the bound; the cursor is at its end then
   */
  public boolean next() {
    return step(Integer.MAX_VALUE) == Step.RECORD;
  }

  /**
   * Goes towards the next record, but inflates about {@code maxBytes} at most: for whoever must not
   * be kept busy by a large record. The record before is gone in any case.
   *
   * @param maxBytes from 1; it may be exceeded by less than a piece of 64 KiB
   * @throws HighwaterException as {@link #next()}
   */
  public Step step(int maxBytes) {
    if (!open) {
      return Step.END;
    }
    Step found = Step.END;
    try {
      if (recordsLeft == 0) {
        requireNothingLeft();
      } else {
        found = readRecord(maxBytes);
      }
    } finally {
      open = found != Step.END;
    }
    return found;
  }

  /** Bytes that the cursor holds beside the batch, on the heap and by codecs outside, about. */
  public long heldBytes() {
    return bytes.heldBytes();
  }

  /** The record's offset. */
  public long offset() {
    return baseOffset + fields.offsetDelta;
  }

  /** The record's timestamp, ms since 1970: the producer's, or the append time of the batch. */
  public long timestamp() {
    return isAppendTime ? appendTimestamp : baseTimestamp + fields.timestampDelta;
  }

  /** Uncompressed bytes of the record, its length field included. */
  public int sizeInBytes() {
    return sizeInBytes;
  }

  /** Where in {@link #buffer()} the record begins, behind its length field. */
  int bodyOffset() {
    return fields.bodyOffset;
  }

  /** Bytes of the record without its length field. */
  int bodyLength() {
    return fields.bodyEnd - fields.bodyOffset;
  }

  /** The record's timestamp less the batch's base timestamp, as it stands there. */
  long timestampDelta() {
    return fields.timestampDelta;
  }

  /** Where in {@link #buffer()} that delta ends. */
  int timestampEnd() {
    return fields.timestampEnd;
  }

  /** Holds this record's key, value and headers; valid until the cursor moves on. */
  public DirectBuffer buffer() {
    return bytes.buffer();
  }

  /** Whether the record has a key. */
  public boolean hasKey() {
    return fields.keyLength >= 0;
  }

  /** Where in {@link #buffer()} the key begins. */
  public int keyOffset() {
    return fields.keyOffset;
  }

  /** Bytes of the key, -1 when it is null. */
  public int keyLength() {
    return fields.keyLength;
  }

  /** Whether the record has a value; one without is a tombstone in a compacted topic. */
  public boolean hasValue() {
    return fields.valueLength >= 0;
  }

  /** Where in {@link #buffer()} the value begins. */
  public int valueOffset() {
    return fields.valueOffset;
  }

  /** Bytes of the value, -1 when it is null. */
  public int valueLength() {
    return fields.valueLength;
  }

  /** How many headers the record has. */
  public int headerCount() {
    return fields.headerCount;
  }

  /**
   * Goes to the record's next header; the first call goes to the first.
   *
   * @return false when there is none
   * @throws HighwaterException CORRUPT_MESSAGE when the headers are not as the format has them
   */
  public boolean nextHeader() {
    return fields.readHeader();
  }

  /** Where in {@link #buffer()} the header's key begins. */
  public int headerKeyOffset() {
    return fields.headerKeyOffset;
  }

  /** Bytes of the header's key, UTF-8. */
  public int headerKeyLength() {
    return fields.headerKeyLength;
  }

  /** Where in {@link #buffer()} the header's value begins. */
  public int headerValueOffset() {
    return fields.headerValueOffset;
  }

  /** Bytes of the header's value, -1 when it is null. */
  public int headerValueLength() {
    return fields.headerValueLength;
  }

  /** A copy of the key, or null. */
  public byte[] key() {
    return copy(fields.keyOffset, fields.keyLength);
  }

  /** A copy of the value, or null. */
  public byte[] value() {
    return copy(fields.valueOffset, fields.valueLength);
  }

  /**
   * Copies of the headers that {@link #nextHeader()} has not passed yet.
   *
   * @throws HighwaterException CORRUPT_MESSAGE when the headers are not as the format has them
   */
  public List<RecordHeader> headers() {
    if (fields.headerCount == 0) {
      return List.of();
    }
    List<RecordHeader> headers = new ArrayList<>();
    while (nextHeader()) {
      String key = new String(copy(fields.headerKeyOffset, fields.headerKeyLength), UTF_8);
      headers.add(new RecordHeader(key, copy(fields.headerValueOffset, fields.headerValueLength)));
    }
    return headers;
  }

  /** Frees what codecs hold; there is no next record then. */
  @Override
  public void close() {
    open = false;
    bytes.close();
  }

  private Step readRecord(int maxBytes) {
    int previousDelta = fields.offsetDelta;
    int start = bytes.position();
    fields.wrap(bytes.buffer(), start, bytes.limit());
    if (fields.readUsual()) {
      sizeInBytes = fields.bodyEnd - start;
    } else if (!readAnyRecord(maxBytes)) {
      return Step.PAUSED;
    }
    bytes.advanceTo(fields.bodyEnd);
    if (fields.offsetDelta <= previousDelta || fields.offsetDelta > lastOffsetDelta) {
      throw fields.malformed("offset delta " + fields.offsetDelta + " after " + previousDelta);
    }
    recordsLeft--;
    return Step.RECORD;
  }

  /** Inflates as much of it as is missing, unless that is too much for one step. */
  private boolean readAnyRecord(int maxBytes) {
    int inflatedBefore = bytes.inflatedInAll();
    // The last record may be shorter than the longest length field.
    bytes.ensure(Varints.MAX_INT_BYTES);
    fields.wrap(bytes.buffer(), bytes.position(), bytes.limit());
    int length = fields.readRecordLength();
    int lengthBytes = fields.position() - bytes.position();
    while (bytes.available() - lengthBytes < length) {
      if (bytes.inflatedInAll() - inflatedBefore >= maxBytes) {
        return false;
      }
      if (length > Integer.MAX_VALUE - lengthBytes || !bytes.inflateMore(lengthBytes + length)) {
        throw fields.malformed("record length " + length + ", less is left");
      }
    }
    int body = bytes.position() + lengthBytes;
    fields.wrap(bytes.buffer(), body, body + length);
    fields.read();
    sizeInBytes = lengthBytes + length;
    return true;
  }

  private void requireNothingLeft() {
    if (bytes.ensure(1)) {
      throw fields.malformed("bytes after the last record");
    }
  }

  private byte[] copy(int offset, int length) {
    if (length < 0) {
      return null;
    }
    DirectBuffer buffer = bytes.buffer();
    byte[] array = buffer.byteArray();
    if (array != null) {
      // Unlike an array that is filled afterwards, this one is not zeroed first.
      int from = buffer.wrapAdjustment() + offset;
      try {
        return Arrays.copyOfRange(array, from, from + length);
      } catch (OutOfMemoryError e) {
        throw new HighwaterException(
            ErrorCode.MESSAGE_TOO_LARGE, "no memory for a copy of " + length + " bytes (-Xmx)", e);
      }
    }
    byte[] copy = new byte[length];
    buffer.getBytes(offset, copy);
    return copy;
  }
}
