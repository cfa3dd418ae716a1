package io.highwater.proto.record;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import org.agrona.DirectBuffer;

/**
 * Decides whether bytes are a record batch that may be appended (STO-3), together with {@link
 * ContentValidator}: behind them nobody checks again. One thread at a time; allocates nothing per
 * record.
 */
public final class BatchValidator {
  private static final int CLIENT_ATTRIBUTES = BatchLayout.CODEC_MASK;

  /** The smallest record: seven fields of a byte each. */
  private static final int MIN_RECORD_BYTES = 7;

  /** What no reader inflates is not appended. */
  private static final int MAX_INFLATED_RECORDS =
      RecordCursor.DEFAULT_MAX_INFLATED_BYTES / MIN_RECORD_BYTES;

  private final BatchView view = new BatchView();
  private final UsualRecords usual = new UsualRecords();
  private final RecordFields fields = new RecordFields(ErrorCode.INVALID_RECORD);

  /**
   * Checks a batch that a client sent, all but compressed records: those are {@link
   * ContentValidator}'s, which may take a while.
   *
   * @param buffer holds {@code available} bytes from {@code offset}, nothing but one batch
   * @param offset where the batch begins
   * @param available bytes that must be exactly the batch
   * @param maxBatchBytes the topic's limit for a whole batch
   * @param keysRequired whether the topic is compacted: a record without a key could never go
   * @return whether there are compressed records still to be looked into
   * @throws HighwaterException MESSAGE_TOO_LARGE above the limit; UNSUPPORTED_FOR_MESSAGE_FORMAT
   *     for another magic than 2; CORRUPT_MESSAGE when length or CRC lie;
   *     UNSUPPORTED_COMPRESSION_TYPE for an unknown codec; INVALID_TIMESTAMP for a negative
   *     timestamp; INVALID_RECORD for flags that are not a client's, for counts, sizes or producer
   *     fields that contradict each other, and for a missing key
   */
  public boolean validate(
      DirectBuffer buffer, int offset, int available, int maxBatchBytes, boolean keysRequired) {
    if (available > maxBatchBytes) {
      throw new HighwaterException(
          ErrorCode.MESSAGE_TOO_LARGE,
          "batch of " + available + " bytes, the limit is " + maxBatchBytes);
    }
    view.wrap(buffer, offset);
    int size = checkFrame(view, available);
    if (size != available) {
      throw corrupt("batch of " + size + " bytes came with " + (available - size) + " more");
    }
    checkCrc();
    Codec codec = view.codec();
    checkAttributes();
    checkCounts();
    checkProducer();
    checkTimestamps();
    if (codec == Codec.NONE) {
      checkRecords(offset + BatchLayout.RECORDS, offset + size, keysRequired);
      return false;
    }
    checkInflatable(size);
    return true;
  }

  /**
   * Checks the first batch of bytes that come from a replica or a file: length, magic and CRC.
   * Offsets and epochs are not covered by the CRC: their continuity with the neighbours is the
   * caller's to check (STO-4).
   *
   * @param buffer holds {@code available} bytes from {@code offset}
   * @param offset where the batch begins
   * @param available bytes that are there: the batch and perhaps more
   * @return the bytes of the batch
   * @throws HighwaterException UNSUPPORTED_FOR_MESSAGE_FORMAT for another magic than 2;
   *     CORRUPT_MESSAGE when length or CRC lie
   */
  public int validateStored(DirectBuffer buffer, int offset, int available) {
    view.wrap(buffer, offset);
    int size = checkFrame(view, available);
    checkCrc();
    return size;
  }

  /** Checks magic and length against the bytes that are there; returns the length. */
  static int checkFrame(BatchView view, int available) {
    if (available < BatchLayout.HEADER_BYTES) {
      throw corrupt("batch cut off: " + available + " bytes are less than a header");
    }
    if (view.magic() != BatchLayout.MAGIC_V2) {
      throw new HighwaterException(
          ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT,
          "batch has magic " + view.magic() + ", only 2 is known");
    }
    int size = view.sizeInBytes();
    if (size < BatchLayout.HEADER_BYTES || size > available) {
      throw corrupt("batch claims " + size + " bytes, " + available + " are there");
    }
    return size;
  }

  private void checkCrc() {
    if (!view.crcMatches()) {
      throw corrupt("batch fails its CRC");
    }
  }

  private void checkAttributes() {
    if ((view.attributes() & ~CLIENT_ATTRIBUTES) != 0) {
      throw invalid("attributes " + view.attributes() + " hold flags that a client may not set");
    }
  }

  private void checkCounts() {
    int count = view.recordCount();
    if (count < 1 || count - 1 != view.lastOffsetDelta()) {
      throw invalid("record count " + count + " with last offset delta " + view.lastOffsetDelta());
    }
  }

  private void checkProducer() {
    boolean consistent =
        view.hasProducerId()
            ? view.producerId() >= 0 && view.producerEpoch() >= 0 && view.baseSequence() >= 0
            : view.producerEpoch() == BatchLayout.NO_PRODUCER_EPOCH
                && view.baseSequence() == BatchLayout.NO_SEQUENCE;
    if (!consistent) {
      throw invalid(
          "producer id "
              + view.producerId()
              + " with epoch "
              + view.producerEpoch()
              + " and sequence "
              + view.baseSequence());
    }
  }

  private void checkTimestamps() {
    if (view.baseTimestamp() < 0) {
      throw new HighwaterException(
          ErrorCode.INVALID_TIMESTAMP, "base timestamp " + view.baseTimestamp());
    }
    if (view.maxTimestamp() < view.baseTimestamp()) {
      throw invalid(
          "max timestamp " + view.maxTimestamp() + " below the base " + view.baseTimestamp());
    }
  }

  /** Offsets are cheap to claim, yet each batch that spans billions costs a segment of its own. */
  private void checkInflatable(int size) {
    int count = view.recordCount();
    if (size == BatchLayout.HEADER_BYTES || count > MAX_INFLATED_RECORDS) {
      throw invalid(
          count + " records in " + (size - BatchLayout.HEADER_BYTES) + " compressed bytes");
    }
  }

  private void checkRecords(int start, int end, boolean keysRequired) {
    int count = view.recordCount();
    long baseTimestamp = view.baseTimestamp();
    long maxTimestamp = 0;
    byte[] array = view.buffer().byteArray();
    int adjustment = array == null ? 0 : view.buffer().wrapAdjustment();
    int position = start;
    for (int i = 0; i < count; i++) {
      if (array != null) {
        position =
            usual.pass(array, adjustment + position, adjustment + end, i, count, baseTimestamp)
                - adjustment;
        if (keysRequired && usual.hasKeyless()) {
          throw keyless();
        }
        maxTimestamp = Math.max(maxTimestamp, usual.maxTimestamp());
        i += usual.count();
        if (i == count) {
          break;
        }
      }
      fields.wrap(view.buffer(), position, end);
      int length = fields.readRecordLength();
      position = fields.position();
      if (length > end - position) {
        throw invalid(
            "record " + i + " claims " + length + " bytes, " + (end - position) + " left");
      }
      fields.wrap(view.buffer(), position, position + length);
      fields.read();
      fields.requireExactEnd();
      position += length;
      if (fields.offsetDelta != i) {
        throw invalid("record " + i + " has offset delta " + fields.offsetDelta);
      }
      if (keysRequired && fields.keyLength < 0) {
        throw keyless();
      }
      long timestamp = baseTimestamp + fields.timestampDelta;
      if (timestamp < 0) {
        throw new HighwaterException(
            ErrorCode.INVALID_TIMESTAMP, "record " + i + " has timestamp " + timestamp);
      }
      maxTimestamp = Math.max(maxTimestamp, timestamp);
    }
    if (position != end) {
      throw invalid((end - position) + " bytes after the last record");
    }
    if (maxTimestamp != view.maxTimestamp()) {
      throw invalid("max timestamp " + view.maxTimestamp() + ", the records' is " + maxTimestamp);
    }
  }

  static HighwaterException keyless() {
    return invalid("a record has no key, and the topic is compacted by key");
  }

  private static HighwaterException corrupt(String what) {
    return new HighwaterException(ErrorCode.CORRUPT_MESSAGE, what);
  }

  private static HighwaterException invalid(String what) {
    return new HighwaterException(ErrorCode.INVALID_RECORD, what);
  }
}
