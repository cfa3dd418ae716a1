package io.highwater.replication.transport;

import io.highwater.proto.TopicIdPartition;

/** What a leader hears from one follower broker. On the owner loop, in the order sent. */
public interface FollowerLinkListener {
  /** The follower begins to follow a partition, or begins again. */
  void onFollow(Follow follow);

  /** The follower no longer follows a partition. */
  void onUnfollow(TopicIdPartition partition);

  /** The follower says what it holds. */
  void onAck(FollowerAck ack);

  /** The follower says what it holds of a range that it was asked about. */
  void onHash(HashAnswer answer);

  /**
   * The follower grants credit, or only shows that it lives by granting the same again.
   *
   * @param cumulativeBytes bytes of records that may have been sent in all on this stream
   */
  void onCredit(long cumulativeBytes);

  /** The stream is over; the last call. */
  void onClosed(String text);
}
