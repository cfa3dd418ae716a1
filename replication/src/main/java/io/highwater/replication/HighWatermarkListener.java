package io.highwater.replication;

import io.highwater.proto.TopicIdPartition;

/**
 * Hears that more of a partition may be read. For waiting fetches; called on the owner loop. It may
 * remove itself, not add others, while it is being called.
 */
public interface HighWatermarkListener {
  /** The high watermark rose. */
  void onHighWatermark(TopicIdPartition partition, long highWatermark);

  /** The replica's role or leader epoch ended: waiting here has no point any more. */
  void onRoleEnded(TopicIdPartition partition);
}
