package io.highwater.replication.transport;

import io.highwater.proto.TopicIdPartition;

/**
 * A follower's end of a stream to one leader broker. On the owner loop. Calls after the stream
 * closed do nothing.
 */
public interface LeaderLink {
  /** Begins to follow a partition, or begins again. */
  void follow(Follow follow);

  /** No longer follows a partition. */
  void unfollow(TopicIdPartition partition);

  /** Says what the follower holds. */
  void ack(FollowerAck ack);

  /** Says what the follower holds of a range that it was asked about. */
  void answerHash(HashAnswer answer);

  /**
   * Grants credit. Granting the same again is a sign of life.
   *
   * @param cumulativeBytes bytes of records that the leader may have sent in all on this stream
   */
  void grant(long cumulativeBytes);

  /** Closes the stream; its listener is not called any more. */
  void close();
}
