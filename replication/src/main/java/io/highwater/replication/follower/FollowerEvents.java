package io.highwater.replication.follower;

import io.highwater.proto.HighwaterException;

/** What others must hear of a partition that is followed here. On the owner loop. */
public interface FollowerEvents {
  /** The leader's high watermark came. */
  void highWatermarkAdvanced(FollowerAppender follower);

  /** The log cannot be written any more (STO-8). */
  void storageFailed(FollowerAppender follower, HighwaterException failure);
}
