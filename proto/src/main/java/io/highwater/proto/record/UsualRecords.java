package io.highwater.proto.record;

/**
 * Checks records of the usual shape in one go: lengths and deltas of one or two bytes, no headers.
 * It says nothing of any other record, sound or not: those are {@link RecordFields}' to read. It
 * reads like {@link RecordFields#readUsual()}, and keeps no fields: those took a fifth of the time.
 */
final class UsualRecords {
  /** Attributes, two deltas and the key's length, a value's length and a header count. */
  static final int MIN_BODY_BYTES = 7;

  /** The longest that a length or a delta may be here. */
  static final int FIELD_BYTES = 2;

  /** What must be there to look at: a record's length and a body. */
  static final int MIN_BYTES = FIELD_BYTES + MIN_BODY_BYTES;

  private long maxTimestamp;
  private int count;
  private int leastKeyLength;

  /**
   * Passes usual records up to the first that is none.
   *
   * @param start where a record begins
   * @param end exclusive end of the records
   * @param firstDelta offset delta that the first must have; the next has one more
   * @param endDelta offset delta to stop before
   * @param baseTimestamp not negative
   * @return where it stopped
   */
  int pass(byte[] bytes, int start, int end, int firstDelta, int endDelta, long baseTimestamp) {
    maxTimestamp = 0;
    int position = start;
    int delta = firstDelta;
    int leastKey = 0;
    while (delta < endDelta && end - position >= MIN_BYTES) {
      int at = position;
      int field = bytes[at++];
      if (field < 0) {
        field = withSecond(field, bytes[at++]);
      }
      int bodyEnd = at + (field >> 1);
      // Below zero: of more than two bytes. Odd: a negative number.
      if (field < MIN_BODY_BYTES << 1 || (field & 1) != 0 || bodyEnd > end) {
        break;
      }
      at++;
      int timestampDelta = bytes[at++];
      if (timestampDelta < 0) {
        timestampDelta = withSecond(timestampDelta, bytes[at++]);
      }
      int offsetDelta = bytes[at++];
      if (offsetDelta < 0) {
        offsetDelta = withSecond(offsetDelta, bytes[at++]);
      }
      int keyLength = bytes[at++];
      if (keyLength < 0) {
        keyLength = withSecond(keyLength, bytes[at++]);
      }
      if (timestampDelta < 0 || offsetDelta != delta << 1 || keyLength < 0) {
        break;
      }
      keyLength = Varints.unZigZag(keyLength);
      if (keyLength < -1 || keyLength > bodyEnd - at - FIELD_BYTES) {
        break;
      }
      at += Math.max(0, keyLength);
      if (bodyEnd - at < FIELD_BYTES) {
        break;
      }
      int valueLength = bytes[at++];
      if (valueLength < 0) {
        valueLength = withSecond(valueLength, bytes[at++]);
      }
      if (valueLength < 0) {
        break;
      }
      valueLength = Varints.unZigZag(valueLength);
      if (valueLength < -1
          || Math.max(0, valueLength) != bodyEnd - at - 1
          || bytes[bodyEnd - 1] != 0) {
        break;
      }
      long timestamp = baseTimestamp + Varints.unZigZag(timestampDelta);
      if (timestamp < 0) {
        break;
      }
      maxTimestamp = Math.max(maxTimestamp, timestamp);
      leastKey = Math.min(leastKey, keyLength);
      delta++;
      position = bodyEnd;
    }
    count = delta - firstDelta;
    leastKeyLength = leastKey;
    return position;
  }

  /** Records passed. */
  int count() {
    return count;
  }

  /** Whether one of the records passed has no key. */
  boolean hasKeyless() {
    return leastKeyLength < 0;
  }

  /** Greatest timestamp of the records passed; 0 without any. */
  long maxTimestamp() {
    return maxTimestamp;
  }

  /** Negative when there is a third byte. */
  static int withSecond(int first, byte second) {
    return (first & 0x7f) | (second << 7);
  }
}
