package io.highwater.replication.transport;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;

/** What a follower hears from one leader broker. On the owner loop, in the order sent. */
public interface LeaderLinkListener {
  /**
   * The stream is accepted.
   *
   * @param leaderBrokerEpoch the leader broker's registration
   */
  void onAccepted(long leaderBrokerEpoch);

  /** New records or offsets; the frame's records are borrowed until this returns. */
  void onPush(PushFrame frame);

  /**
   * The follower's log left the leader's: cut and follow again (LEP-3).
   *
   * @param epoch the leader's largest epoch not above the follower's last, or -1 when it has none
   * @param endOffset where that epoch ends in the leader's log
   */
  void onDiverged(TopicIdPartition partition, int leaderEpoch, int epoch, long endOffset);

  /**
   * The follower's log end is below the leader's log start, or it lacks tombstones: begin again
   * there (LEP-3, CMP-6).
   *
   * @param tombstoneHorizon of the leader's log
   */
  void onReset(
      TopicIdPartition partition, int leaderEpoch, long logStartOffset, long tombstoneHorizon);

  /**
   * The follower's log holds something else than the leader's (REP-9): it is not to be used.
   *
   * @param endOffset exclusive end of where they differ
   * @param text for people: both sides
   */
  void onDiffers(TopicIdPartition partition, int leaderEpoch, long endOffset, String text);

  /** The leader asks what the follower holds of a range; to be answered in any case. */
  void onHashAsked(HashQuestion question);

  /** The partition is not served, or no longer; the stream goes on for others. */
  void onRefused(TopicIdPartition partition, int leaderEpoch, ErrorCode error);

  /**
   * The stream is over, whoever ended it; the last call.
   *
   * @param error why; NETWORK_EXCEPTION when the connection broke
   * @param text for people
   */
  void onClosed(ErrorCode error, String text);
}
