package io.highwater.replication.transport;

import io.highwater.proto.TopicIdPartition;
import java.util.Objects;

/**
 * The follower begins to follow a partition in one leader epoch, or begins again after truncation.
 *
 * @param partition which
 * @param leaderEpoch the epoch in which the follower follows
 * @param logEndOffset next offset that the follower would write
 * @param lastEpoch leader epoch of its last record, or -1 when it has none
 * @param flushedOffset end of what it has fsynced
 */
public record Follow(
    TopicIdPartition partition,
    int leaderEpoch,
    long logEndOffset,
    int lastEpoch,
    long flushedOffset) {
  public Follow {
    Objects.requireNonNull(partition, "partition");
  }
}
