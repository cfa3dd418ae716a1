package io.highwater.proto.record;

/**
 * A record that is read without ever lying whole in the window: what it is long for is passed over
 * as it is inflated. It is judged as {@link RecordFields} would.
 */
final class PassedRecord {
  private final RecordBytes bytes;
  private final RecordFields fields;
  private int left;
  private long timestampDelta;
  private int offsetDelta;
  private boolean hasKey;

  /** Reads from {@code bytes}, numbers by {@code fields}. */
  PassedRecord(RecordBytes bytes, RecordFields fields) {
    this.bytes = bytes;
    this.fields = fields;
  }

  /** Passes the {@code length} bytes of a record behind its length field. */
  void read(int length) {
    left = length;
    // Record attributes.
    pass(1);
    timestampDelta = readNumber(true);
    offsetDelta = readInt();
    hasKey = passField(RecordFields.NULL, "key");
    passField(RecordFields.NULL, "value");
    int headers = readInt();
    if (headers < 0 || headers > left / 2) {
      throw fields.malformed("header count " + headers);
    }
    for (int i = 0; i < headers; i++) {
      passField(0, "header key");
      passField(RecordFields.NULL, "header value");
    }
    if (left != 0) {
      throw fields.malformed("record length, " + left + " bytes too many");
    }
  }

  long timestampDelta() {
    return timestampDelta;
  }

  int offsetDelta() {
    return offsetDelta;
  }

  boolean hasKey() {
    return hasKey;
  }

  /** Returns whether it is there. */
  private boolean passField(int least, String what) {
    int length = readInt();
    if (length < least || length > left) {
      throw fields.malformed(what + " length " + length + ", bytes left " + left);
    }
    pass(Math.max(0, length));
    return length != RecordFields.NULL;
  }

  private void pass(int count) {
    if (count > left) {
      throw fields.malformed("it ends early");
    }
    left -= count;
    int missing = count;
    while (missing > 0) {
      int now = Math.min(missing, bytes.available());
      bytes.advanceTo(bytes.position() + now);
      missing -= now;
      if (missing > 0 && !bytes.ensure(1)) {
        throw fields.malformed("it ends early");
      }
    }
  }

  private int readInt() {
    return (int) readNumber(false);
  }

  private long readNumber(boolean isLong) {
    bytes.ensure(Math.min(left, isLong ? Varints.MAX_LONG_BYTES : Varints.MAX_INT_BYTES));
    int start = bytes.position();
    fields.wrap(bytes.buffer(), start, start + Math.min(left, bytes.available()));
    long number = isLong ? fields.readLong() : fields.readInt();
    left -= fields.position() - start;
    bytes.advanceTo(fields.position());
    return number;
  }
}
