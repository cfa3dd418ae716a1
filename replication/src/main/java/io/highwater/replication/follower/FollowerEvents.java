package io.highwater.replication.follower;

import io.highwater.proto.HighwaterException;

/** What others must hear of a partition that is followed here. On the owner loop. */
public interface FollowerEvents {
  /**
   * The log grew, or begins to be followed with something in it.
   *
   * @return whether the acknowledgement waits until that is flushed
   */
  boolean appended(FollowerAppender follower);

  /** The leader's high watermark came. */
  void highWatermarkAdvanced(FollowerAppender follower);

  /**
   * Whether the cluster's metadata tells that committed records between two offsets are lost, so
   * that they may be dropped here (LEP-7). If not, it is told, and the follower asks again later.
   *
   * @param endOffset exclusive end of what this replica knows to be committed
   */
  boolean mayDrop(FollowerAppender follower, long fromOffset, long endOffset);

  /** The log cannot be written any more (STO-8). */
  void storageFailed(FollowerAppender follower, HighwaterException failure);
}
