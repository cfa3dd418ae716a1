package io.highwater.proto.grpc;

import com.google.protobuf.MessageLite;
import com.google.protobuf.WireFormat;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Carries a generated message with its {@code records} field beside it, in protobuf's own encoding:
 * the peer may use plain generated code. Records are copied once on their way in and never on their
 * way out.
 */
final class RecordsMarshaller<M extends MessageLite> implements Marshaller<RecordsFrame<M>> {
  /** {@code records} is field 15 of every message that has it: the highest, so it comes last. */
  static final int RECORDS_TAG = 15 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;

  private final M prototype;
  private final ByteBufAllocator allocator;

  RecordsMarshaller(M prototype) {
    this(prototype, PooledByteBufAllocator.DEFAULT);
  }

  RecordsMarshaller(M prototype, ByteBufAllocator allocator) {
    this.prototype = prototype;
    this.allocator = allocator;
  }

  @Override
  public InputStream stream(RecordsFrame<M> frame) {
    return new RecordsFrameStream(frame);
  }

  @Override
  public RecordsFrame<M> parse(InputStream stream) {
    try {
      InputStream message = stream;
      if (!(stream instanceof KnownLength)) {
        // A compressed message: its size is known, and bounded by gRPC, once it is inflated.
        message = new ByteArrayInputStream(stream.readAllBytes());
      }
      return new RecordsFrameReader(message, message.available(), allocator).read(prototype);
    } catch (IOException e) {
      throw StatusMapper.toException(
          new HighwaterException(ErrorCode.INVALID_REQUEST, e.getMessage(), e));
    }
  }
}
