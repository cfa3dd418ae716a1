package io.highwater.proto.record;

/**
 * A record that is read without ever lying whole in the window: what it is long for is passed over
 * as it is inflated, in steps. It is judged as {@link RecordFields} would.
 */
final class PassedRecord {
  private final RecordBytes bytes;
  private final RecordFields fields;
  private int left;

  /** Bytes to pass over before the next number. */
  private int skip;

  private Next next;
  private int headers;
  private long timestampDelta;
  private int offsetDelta;
  private boolean hasKey;

  /** What the next number is. */
  private enum Next {
    TIMESTAMP,
    OFFSET,
    KEY,
    VALUE,
    HEADERS,
    HEADER_KEY,
    HEADER_VALUE,
    NOTHING
  }

  /** Reads from {@code bytes}, numbers by {@code fields}. */
  PassedRecord(RecordBytes bytes, RecordFields fields) {
    this.bytes = bytes;
    this.fields = fields;
  }

  /** The {@code length} bytes of a record follow, behind its length field. */
  void begin(int length) {
    left = length;
    headers = 0;
    next = Next.TIMESTAMP;
    // Record attributes.
    willSkip(1);
  }

  /**
   * Passes on.
   *
   * @param end of the batch's inflated bytes, at which it stops
   * @return whether the record was passed
   */
  boolean advance(long end) {
    while (skipped(end)) {
      if (next == Next.NOTHING) {
        if (left != 0) {
          throw fields.malformed("record length, " + left + " bytes too many");
        }
        return true;
      }
      next = read();
    }
    return false;
  }

  private Next read() {
    return switch (next) {
      case TIMESTAMP -> {
        timestampDelta = readNumber(true);
        yield Next.OFFSET;
      }
      case OFFSET -> {
        offsetDelta = readInt();
        yield Next.KEY;
      }
      case KEY -> {
        hasKey = field(RecordFields.NULL, "key");
        yield Next.VALUE;
      }
      case VALUE -> {
        field(RecordFields.NULL, "value");
        yield Next.HEADERS;
      }
      case HEADERS -> {
        headers = readInt();
        if (headers < 0 || headers > left / 2) {
          throw fields.malformed("header count " + headers);
        }
        yield nextHeader();
      }
      case HEADER_KEY -> {
        field(0, "header key");
        yield Next.HEADER_VALUE;
      }
      case HEADER_VALUE -> {
        field(RecordFields.NULL, "header value");
        headers--;
        yield nextHeader();
      }
      case NOTHING -> Next.NOTHING;
    };
  }

  private Next nextHeader() {
    return headers > 0 ? Next.HEADER_KEY : Next.NOTHING;
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

  /** A field's length, which says what is to be passed over; returns whether it is there. */
  private boolean field(int least, String what) {
    int length = readInt();
    if (length < least || length > left) {
      throw fields.malformed(what + " length " + length + ", bytes left " + left);
    }
    willSkip(Math.max(0, length));
    return length != RecordFields.NULL;
  }

  private void willSkip(int count) {
    if (count > left) {
      throw fields.malformed("it ends early");
    }
    left -= count;
    skip = count;
  }

  /** Whether all that was to be passed over has been; else the step is at its end. */
  private boolean skipped(long end) {
    if (bytes.inflatedInAll() >= end) {
      return false;
    }
    while (true) {
      int now = Math.min(skip, bytes.available());
      bytes.advanceTo(bytes.position() + now);
      skip -= now;
      if (skip == 0) {
        return true;
      }
      if (bytes.inflatedInAll() >= end) {
        return false;
      }
      if (!bytes.ensure(1)) {
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
