package io.highwater.proto.record;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import org.agrona.DirectBuffer;

/**
 * A flyweight over one record: finds where its fields lie and trusts no length it reads. What a
 * malformed record means depends on who reads it, so the error code is the reader's.
 */
final class RecordFields {
  static final int NULL = -1;

  private final ErrorCode onMalformed;

  private DirectBuffer buffer;
  private int position;
  private int end;

  int bodyOffset;
  int bodyEnd;
  long timestampDelta;
  int timestampEnd;
  int offsetDelta;
  int keyOffset;
  int keyLength;
  int valueOffset;
  int valueLength;
  int headerCount;
  int headerKeyOffset;
  int headerKeyLength;
  int headerValueOffset;
  int headerValueLength;

  private int headersRead;

  RecordFields(ErrorCode onMalformed) {
    this.onMalformed = onMalformed;
  }

  /** Points at bytes to read from; {@code end} is exclusive. */
  void wrap(DirectBuffer buffer, int position, int end) {
    this.buffer = buffer;
    this.position = position;
    this.end = end;
  }

  /** Where the next field begins. */
  int position() {
    return position;
  }

  /**
   * Reads a whole record from its length on, if it is a usual one as {@link UsualRecords} has them.
   *
   * @return false for any other record, sound or not; the position has not moved then
   */
  boolean readUsual() {
    byte[] array = buffer.byteArray();
    if (array == null || end - position < UsualRecords.MIN_BYTES) {
      return false;
    }
    int adjustment = buffer.wrapAdjustment();
    int at = adjustment + position;
    int length = array[at++];
    if (length < 0) {
      length = UsualRecords.withSecond(length, array[at++]);
    }
    int body = at;
    int recordEnd = body + (length >> 1);
    if (length < UsualRecords.MIN_BODY_BYTES << 1
        || (length & 1) != 0
        || recordEnd > adjustment + end) {
      return false;
    }
    at++;
    int timestamp = array[at++];
    if (timestamp < 0) {
      timestamp = UsualRecords.withSecond(timestamp, array[at++]);
    }
    int deltaAt = at;
    int offset = array[at++];
    if (offset < 0) {
      offset = UsualRecords.withSecond(offset, array[at++]);
    }
    int key = array[at++];
    if (key < 0) {
      key = UsualRecords.withSecond(key, array[at++]);
    }
    if ((timestamp | offset | key) < 0) {
      return false;
    }
    key = Varints.unZigZag(key);
    int keyAt = at;
    at += Math.max(0, key);
    if (key < NULL || recordEnd - at < UsualRecords.FIELD_BYTES) {
      return false;
    }
    int value = array[at++];
    if (value < 0) {
      value = UsualRecords.withSecond(value, array[at++]);
    }
    if (value < 0) {
      return false;
    }
    value = Varints.unZigZag(value);
    if (value < NULL || Math.max(0, value) != recordEnd - at - 1 || array[recordEnd - 1] != 0) {
      return false;
    }
    bodyOffset = body - adjustment;
    bodyEnd = recordEnd - adjustment;
    timestampDelta = Varints.unZigZag(timestamp);
    timestampEnd = deltaAt - adjustment;
    offsetDelta = Varints.unZigZag(offset);
    keyOffset = keyAt - adjustment;
    keyLength = key;
    valueOffset = at - adjustment;
    valueLength = value;
    headerCount = 0;
    headersRead = 0;
    position = bodyEnd;
    return true;
  }

  /** Reads the length that precedes a record. */
  int readRecordLength() {
    int length = readInt();
    if (length < 0) {
      throw malformed("record length " + length);
    }
    return length;
  }

  /** Reads a record's fields up to its header count; the wrapped bytes must be the whole record. */
  void read() {
    bodyOffset = position;
    bodyEnd = end;
    requireBytes(1);
    // Record attributes: a byte that Kafka never gave a meaning.
    position++;
    timestampDelta = readLong();
    timestampEnd = position;
    offsetDelta = readInt();
    keyLength = readLength(NULL, "key");
    keyOffset = position;
    position += Math.max(0, keyLength);
    valueLength = readLength(NULL, "value");
    valueOffset = position;
    position += Math.max(0, valueLength);
    headerCount = readInt();
    headersRead = 0;
    // A header takes two bytes at least: more than that cannot be there.
    if (headerCount < 0 || headerCount > (end - position) / 2) {
      throw malformed("header count " + headerCount);
    }
  }

  /** Reads the next header, if there is one. */
  boolean readHeader() {
    if (headersRead == headerCount) {
      return false;
    }
    headersRead++;
    headerKeyLength = readLength(0, "header key");
    headerKeyOffset = position;
    position += headerKeyLength;
    headerValueLength = readLength(NULL, "header value");
    headerValueOffset = position;
    position += Math.max(0, headerValueLength);
    return true;
  }

  /** Checks that the headers not read yet fill the record to its end. */
  void requireExactEnd() {
    boolean more = headerCount > 0;
    while (more) {
      more = readHeader();
    }
    if (position != end) {
      throw malformed("record length, " + (end - position) + " bytes too many");
    }
  }

  HighwaterException malformed(String what) {
    return new HighwaterException(onMalformed, "malformed record: " + what);
  }

  private int readLength(int least, String what) {
    int length = readInt();
    if (length < least || length > end - position) {
      throw malformed(what + " length " + length + ", bytes left " + (end - position));
    }
    return length;
  }

  /** Reads a number as lengths, counts and offset deltas are. */
  int readInt() {
    return (int) readNumber(Varints.MAX_INT_BYTES);
  }

  /** Reads a number as timestamp deltas are. */
  long readLong() {
    return readNumber(Varints.MAX_LONG_BYTES);
  }

  private long readNumber(int maxBytes) {
    int at = position;
    if (end - at >= 2) {
      // Nearly all lengths and deltas take one byte or two.
      byte first = buffer.getByte(at);
      if (first >= 0) {
        position = at + 1;
        return Varints.unZigZag(first);
      }
      byte second = buffer.getByte(at + 1);
      if (second >= 0) {
        position = at + 2;
        return Varints.unZigZag((long) second << 7 | (first & 0x7f));
      }
    }
    return Varints.unZigZag(readVarint(maxBytes));
  }

  private long readVarint(int maxBytes) {
    long value = 0;
    for (int i = 0; i < maxBytes; i++) {
      requireBytes(1);
      byte next = buffer.getByte(position++);
      value |= (next & 0x7fL) << (7 * i);
      if (next >= 0) {
        return value;
      }
    }
    throw malformed("varint of more than " + maxBytes + " bytes");
  }

  private void requireBytes(int count) {
    if (end - position < count) {
      throw malformed("it ends early");
    }
  }
}
