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

  /** The log cannot be written any more (STO-8). */
  void storageFailed(FollowerAppender follower, HighwaterException failure);
}
