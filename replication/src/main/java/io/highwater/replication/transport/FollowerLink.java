package io.highwater.replication.transport;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * A leader's end of a stream from one follower broker. On the owner loop. Calls after the stream
 * closed do nothing but release buffers.
 */
public interface FollowerLink {
  /** Accepts the stream. */
  void accept(long brokerEpoch);

  /**
   * Sends records or offsets.
   *
   * @param frame its records belong to the link until it releases them
   * @param release called once with the frame's records on the owner loop when the link needs them
   *     no longer, also when they could not be sent; may be called before this returns
   */
  void push(PushFrame frame, Consumer<ByteBuffer> release);

  /** Tells the follower where its log must be cut. See {@link LeaderLinkListener#onDiverged}. */
  void diverged(TopicIdPartition partition, int leaderEpoch, int epoch, long endOffset);

  /** Tells the follower to begin again at the leader's log start; with the leader's horizon. */
  void reset(
      TopicIdPartition partition, int leaderEpoch, long logStartOffset, long tombstoneHorizon);

  /** Tells the follower that what it holds is not what the leader holds. */
  void differs(TopicIdPartition partition, int leaderEpoch, long endOffset, String text);

  /**
   * Asks what the follower holds of a range; only one that said so in its {@link Hello} answers.
   */
  void askHash(HashQuestion question);

  /** Refuses to serve a partition. */
  void refuse(TopicIdPartition partition, int leaderEpoch, ErrorCode error);

  /** Closes the stream; its listener is not called any more. */
  void close(ErrorCode error, String text);
}
