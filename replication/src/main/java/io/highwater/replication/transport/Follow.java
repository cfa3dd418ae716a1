package io.highwater.replication.transport;

import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.record.BatchHeader;
import java.util.Objects;

/**
 * The follower begins to follow a partition in one leader epoch, or begins again after truncation.
 *
 * @param partition which
 * @param leaderEpoch the epoch in which the follower follows
 * @param logEndOffset next offset that the follower would write
 * @param lastEpoch leader epoch of its last record, or -1 when it has none
 * @param flushedOffset end of what it has fsynced
 * @param tombstoneHorizon of its log (CMP-6)
 * @param lastBatch header of its last batch, or null when it has none to show (REP-9)
 * @param lacksSpace its disk takes no appends now (ISR-7)
 */
public record Follow(
    TopicIdPartition partition,
    int leaderEpoch,
    long logEndOffset,
    int lastEpoch,
    long flushedOffset,
    long tombstoneHorizon,
    BatchHeader lastBatch,
    boolean lacksSpace) {
  public Follow {
    Objects.requireNonNull(partition, "partition");
  }
}
