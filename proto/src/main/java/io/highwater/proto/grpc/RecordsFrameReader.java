package io.highwater.proto.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.WireFormat;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Splits one incoming message into its {@code records} bytes, copied once into a pooled heap
 * buffer, and all its other fields, which protobuf then parses. Fields may come in any order and be
 * unknown; of several {@code records} fields the last counts, as everywhere in protobuf. No
 * declared length is believed before that many bytes are known to be there.
 */
final class RecordsFrameReader {
  private static final int INITIAL_HEAD_BYTES = 128;

  private final InputStream message;
  private final ByteBufAllocator allocator;

  private int remaining;
  private byte[] head = new byte[INITIAL_HEAD_BYTES];
  private int headLength;
  private int groupDepth;
  private ByteBuf records;

  /**
   * @param message holds exactly {@code length} bytes
   */
  RecordsFrameReader(InputStream message, int length, ByteBufAllocator allocator) {
    this.message = message;
    this.remaining = length;
    this.allocator = allocator;
  }

  <M extends MessageLite> RecordsFrame<M> read(M prototype) throws IOException {
    boolean whole = false;
    try {
      while (remaining > 0) {
        readField();
      }
      @SuppressWarnings("unchecked") // A message's parser parses messages of its class.
      M fields = (M) prototype.getParserForType().parseFrom(head, 0, headLength);
      whole = true;
      if (records == null) {
        return RecordsFrame.of(fields);
      }
      ByteBuf owned = records;
      return RecordsFrame.of(fields, owned.nioBuffer(), owned::release);
    } finally {
      if (!whole && records != null) {
        records.release();
      }
    }
  }

  private void readField() throws IOException {
    int fieldStart = headLength;
    int tag = copyVarint();
    switch (WireFormat.getTagWireType(tag)) {
      case WireFormat.WIRETYPE_VARINT -> copyVarint();
      case WireFormat.WIRETYPE_FIXED64 -> copy(Long.BYTES);
      case WireFormat.WIRETYPE_FIXED32 -> copy(Integer.BYTES);
      case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
        int length = copyVarint();
        if (tag == RecordsMarshaller.RECORDS_TAG && groupDepth == 0) {
          headLength = fieldStart;
          readRecords(length);
        } else {
          copy(length);
        }
      }
      case WireFormat.WIRETYPE_START_GROUP -> groupDepth++;
      case WireFormat.WIRETYPE_END_GROUP -> groupDepth--;
      default -> throw malformed("wire type of tag " + tag);
    }
  }

  private void readRecords(int length) throws IOException {
    take(length);
    if (records != null) {
      records.release();
      records = null;
    }
    if (length == 0) {
      return;
    }
    ByteBuf target = allocator.heapBuffer(length, length);
    records = target;
    int missing = length;
    while (missing > 0) {
      int count = message.read(target.array(), target.arrayOffset() + length - missing, missing);
      if (count < 0) {
        throw new EOFException("message is shorter than it said");
      }
      missing -= count;
    }
    target.writerIndex(length);
  }

  /** Copies a varint to the head; of numbers wider than an int, the low bits are returned. */
  private int copyVarint() throws IOException {
    int value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      take(1);
      int next = message.read();
      if (next < 0) {
        throw new EOFException("message is shorter than it said");
      }
      reserve(1);
      head[headLength++] = (byte) next;
      if (shift < Integer.SIZE) {
        value |= (next & 0x7f) << shift;
      }
      if ((next & 0x80) == 0) {
        return value;
      }
    }
    throw malformed("varint of more than ten bytes");
  }

  private void copy(int length) throws IOException {
    take(length);
    reserve(length);
    if (message.readNBytes(head, headLength, length) < length) {
      throw new EOFException("message is shorter than it said");
    }
    headLength += length;
  }

  private void take(int count) throws InvalidProtocolBufferException {
    if (count < 0 || count > remaining) {
      throw malformed("length " + count + ", bytes left " + remaining);
    }
    remaining -= count;
  }

  private void reserve(int count) {
    if (head.length - headLength < count) {
      head = Arrays.copyOf(head, Math.max(headLength + count, 2 * head.length));
    }
  }

  private static InvalidProtocolBufferException malformed(String what) {
    return new InvalidProtocolBufferException("malformed message: " + what);
  }
}
