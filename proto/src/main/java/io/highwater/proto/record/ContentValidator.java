package io.highwater.proto.record;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Invariant;
import org.agrona.DirectBuffer;

/**
 * Decides whether the compressed records of a batch are what its header says (STO-3): behind it
 * readers rely on that. They are inflated through a window of a few pieces of 64 KiB, also where a
 * record is larger. One thread at a time; allocates nothing per record, and keeps window and codecs
 * for the next batch until it is closed.
 */
public final class ContentValidator implements AutoCloseable {
  /** Larger records are passed by and by, so that they need not fit the window. */
  private static final int MAX_WHOLE_BYTES = BlockSource.PIECE_BYTES;

  private final BatchView view = new BatchView();
  private final UsualRecords usual = new UsualRecords();
  private final RecordFields fields = new RecordFields(ErrorCode.INVALID_RECORD);
  private final RecordBytes bytes;
  private final PassedRecord passed;
  private final int maxWholeBytes;
  private boolean keysRequired;
  private long maxTimestamp;

  /** The next record to be looked at. */
  private int record;

  private boolean isPassing;

  /** As far as readers inflate: {@link RecordCursor#DEFAULT_MAX_INFLATED_BYTES}. */
  public ContentValidator() {
    this(RecordCursor.DEFAULT_MAX_INFLATED_BYTES);
  }

  /**
   * @param maxInflatedBytes what the records of one batch may come to
   */
  public ContentValidator(int maxInflatedBytes) {
    this(maxInflatedBytes, MAX_WHOLE_BYTES);
  }

  ContentValidator(int maxInflatedBytes, int maxWholeBytes) {
    this.bytes = new RecordBytes(maxInflatedBytes, ErrorCode.INVALID_RECORD);
    this.passed = new PassedRecord(bytes, fields);
    this.maxWholeBytes = maxWholeBytes;
  }

  /**
   * Lets a batch pass that {@link BatchValidator#validate} asked to be looked into, in one go.
   *
   * @param offset where the batch begins in {@code buffer}
   * @param keysRequired whether the topic is compacted: a record without a key could never go
   * @throws HighwaterException INVALID_RECORD when the records cannot be inflated, are followed by
   *     anything, break the format or contradict the header; INVALID_TIMESTAMP for a negative one;
   *     MESSAGE_TOO_LARGE when they inflate to more than the limit; UNSUPPORTED_COMPRESSION_TYPE
   *     when the codec cannot be had here
   */
  public void validate(DirectBuffer buffer, int offset, boolean keysRequired) {
    begin(buffer, offset, keysRequired);
    boolean passed = advance(Integer.MAX_VALUE);
    Invariant.check(passed, "what inflates to less than any bound is looked at in one go");
  }

  /**
   * Begins with a batch, whatever became of the one before; {@link #advance} looks at it.
   *
   * @param buffer left alone by others until the batch has passed or failed
   * @param offset where the batch begins in {@code buffer}
   * @param requireKeys whether the topic is compacted: a record without a key could never go
   */
  public void begin(DirectBuffer buffer, int offset, boolean requireKeys) {
    keysRequired = requireKeys;
    maxTimestamp = 0;
    record = 0;
    isPassing = false;
    view.wrap(buffer, offset);
    bytes.wrap(
        view.codec(),
        buffer,
        offset + BatchLayout.RECORDS,
        view.sizeInBytes() - BatchLayout.HEADER_BYTES);
  }

  /**
   * Looks further into the batch.
   *
   * @param maxBytes stops once about as much more has been inflated, with a piece of 64 KiB and a
   *     record of that size to spare
   * @return whether the batch has passed
   * @throws HighwaterException as {@link #validate}
   */
  public boolean advance(int maxBytes) {
    long end = (long) bytes.inflatedInAll() + maxBytes;
    int count = view.recordCount();
    while (isPassing || record < count) {
      if (isPassing) {
        if (!passed.advance(end)) {
          return false;
        }
        isPassing = false;
        check(passed.offsetDelta(), passed.timestampDelta(), passed.hasKey());
        continue;
      }
      record = passUsual(record, count);
      if (record < count) {
        if (bytes.inflatedInAll() >= end) {
          return false;
        }
        checkRecord();
      }
    }
    if (bytes.ensure(1)) {
      throw invalid("bytes after the last record");
    }
    if (maxTimestamp != view.maxTimestamp()) {
      throw invalid("max timestamp " + view.maxTimestamp() + ", the records' is " + maxTimestamp);
    }
    return true;
  }

  /** Passes what lies whole in the window and is of the usual shape; returns the next record. */
  private int passUsual(int first, int count) {
    int position =
        usual.pass(
            bytes.array(), bytes.position(), bytes.limit(), first, count, view.baseTimestamp());
    bytes.advanceTo(position);
    if (keysRequired && usual.hasKeyless()) {
      throw BatchValidator.keyless();
    }
    maxTimestamp = Math.max(maxTimestamp, usual.maxTimestamp());
    return first + usual.count();
  }

  private void checkRecord() {
    // The last record may be shorter than the longest length field.
    bytes.ensure(Varints.MAX_INT_BYTES);
    fields.wrap(bytes.buffer(), bytes.position(), bytes.limit());
    int length = fields.readRecordLength();
    bytes.advanceTo(fields.position());
    if (length > maxWholeBytes) {
      passed.begin(length);
      isPassing = true;
      return;
    }
    if (!bytes.ensure(length)) {
      throw fields.malformed("record length " + length + ", less is left");
    }
    fields.wrap(bytes.buffer(), bytes.position(), bytes.position() + length);
    fields.read();
    fields.requireExactEnd();
    bytes.advanceTo(bytes.position() + length);
    check(fields.offsetDelta, fields.timestampDelta, fields.keyLength >= 0);
  }

  private void check(int offsetDelta, long timestampDelta, boolean hasKey) {
    if (offsetDelta != record) {
      throw invalid("record " + record + " has offset delta " + offsetDelta);
    }
    if (keysRequired && !hasKey) {
      throw BatchValidator.keyless();
    }
    long timestamp = view.baseTimestamp() + timestampDelta;
    if (timestamp < 0) {
      throw new HighwaterException(
          ErrorCode.INVALID_TIMESTAMP, "record " + record + " has timestamp " + timestamp);
    }
    maxTimestamp = Math.max(maxTimestamp, timestamp);
    record++;
  }

  private static HighwaterException invalid(String what) {
    return new HighwaterException(ErrorCode.INVALID_RECORD, what);
  }

  /** Frees what codecs hold outside the heap. */
  @Override
  public void close() {
    bytes.close();
  }
}
