package io.highwater.proto.grpc;

import com.google.protobuf.ByteString;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import java.nio.ByteBuffer;
import java.util.UUID;

/** Topic ids as the contracts carry them: 16 bytes, most significant first. */
public final class TopicIds {
  private static final int BYTES = 16;

  private TopicIds() {}

  /** The bytes of an id. */
  public static ByteString toBytes(UUID topicId) {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    bytes.putLong(topicId.getMostSignificantBits()).putLong(topicId.getLeastSignificantBits());
    return ByteString.copyFrom(bytes.flip());
  }

  /**
   * The id of bytes from a peer.
   *
   * @throws HighwaterException INVALID_REQUEST when they are not 16
   */
  public static UUID fromBytes(ByteString bytes) {
    if (bytes.size() != BYTES) {
      throw new HighwaterException(
          ErrorCode.INVALID_REQUEST, "a topic id has 16 bytes, not " + bytes.size());
    }
    ByteBuffer buffer = bytes.asReadOnlyByteBuffer();
    return new UUID(buffer.getLong(), buffer.getLong());
  }

  /**
   * The partition that a peer names.
   *
   * @throws HighwaterException INVALID_REQUEST when the id is not 16 bytes or the number is
   *     negative
   */
  public static TopicIdPartition partition(ByteString topicId, int partition) {
    if (partition < 0) {
      throw new HighwaterException(
          ErrorCode.INVALID_REQUEST, "partition " + partition + " is negative");
    }
    return new TopicIdPartition(fromBytes(topicId), partition);
  }
}
