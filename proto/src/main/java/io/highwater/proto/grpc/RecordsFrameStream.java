package io.highwater.proto.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * A frame on its way out: the small fields, the tag and length of {@code records}, and the records
 * straight from their array. gRPC drains it or, when the call is over already, only closes it;
 * either way the frame is released once.
 */
final class RecordsFrameStream extends InputStream implements KnownLength, Drainable {
  private RecordsFrame<?> frame;
  private final byte[] prefix;
  private int prefixPosition;
  private final ByteBuffer records;

  RecordsFrameStream(RecordsFrame<?> frame) {
    this.frame = frame;
    // A view: the caller's position stays.
    this.records = frame.records().slice();
    this.prefix = prefix(frame.head(), records.remaining());
  }

  private static byte[] prefix(MessageLite head, int recordsLength) {
    int headLength = head.getSerializedSize();
    int fieldLength =
        recordsLength == 0
            ? 0
            : CodedOutputStream.computeUInt32SizeNoTag(RecordsMarshaller.RECORDS_TAG)
                + CodedOutputStream.computeUInt32SizeNoTag(recordsLength);
    byte[] prefix = new byte[headLength + fieldLength];
    CodedOutputStream out = CodedOutputStream.newInstance(prefix);
    try {
      head.writeTo(out);
      if (recordsLength > 0) {
        out.writeUInt32NoTag(RecordsMarshaller.RECORDS_TAG);
        out.writeUInt32NoTag(recordsLength);
      }
    } catch (IOException e) {
      throw new IllegalStateException("the message is not of the size it said", e);
    }
    return prefix;
  }

  @Override
  public int available() {
    return prefix.length - prefixPosition + records.remaining();
  }

  @Override
  public int drainTo(OutputStream target) throws IOException {
    int drained = available();
    if (prefixPosition < prefix.length) {
      target.write(prefix, prefixPosition, prefix.length - prefixPosition);
      prefixPosition = prefix.length;
    }
    if (records.hasRemaining()) {
      target.write(
          records.array(), records.arrayOffset() + records.position(), records.remaining());
      records.position(records.limit());
    }
    close();
    return drained;
  }

  @Override
  public int read() {
    if (prefixPosition < prefix.length) {
      return prefix[prefixPosition++] & 0xff;
    }
    return records.hasRemaining() ? records.get() & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    if (length == 0) {
      return 0;
    }
    if (prefixPosition < prefix.length) {
      int count = Math.min(length, prefix.length - prefixPosition);
      System.arraycopy(prefix, prefixPosition, target, offset, count);
      prefixPosition += count;
      return count;
    }
    if (!records.hasRemaining()) {
      return -1;
    }
    int count = Math.min(length, records.remaining());
    records.get(target, offset, count);
    return count;
  }

  @Override
  public void close() {
    if (frame != null) {
      RecordsFrame<?> done = frame;
      frame = null;
      prefixPosition = prefix.length;
      records.position(records.limit());
      done.release();
    }
  }
}
