package io.highwater.replication.grpc;

import com.google.protobuf.ByteString;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.grpc.TopicIds;

/**
 * A peer broke the contract of the stream, which ends for it. Checked and apart from what listeners
 * throw, which is not the peer's doing.
 */
final class MalformedFrameException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedFrameException(String message) {
    super(message);
  }

  HighwaterException error() {
    return new HighwaterException(ErrorCode.INVALID_REQUEST, getMessage(), this);
  }

  /** The partition that a frame names. */
  static TopicIdPartition partition(ByteString topicId, int partition)
      throws MalformedFrameException {
    try {
      return TopicIds.partition(topicId, partition);
    } catch (HighwaterException e) {
      throw new MalformedFrameException(e.getMessage());
    }
  }
}
