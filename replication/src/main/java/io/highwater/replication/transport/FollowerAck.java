package io.highwater.replication.transport;

import io.highwater.proto.TopicIdPartition;
import java.util.Objects;

/**
 * What the follower holds after its appends.
 *
 * @param partition which
 * @param leaderEpoch the epoch in which it follows
 * @param logEndOffset its log end, as far as it would keep it (REP-7)
 * @param flushedOffset end of what it has fsynced
 * @param recencyRound the newest that a frame asked for since the follower began to follow (FEN-2)
 * @param lacksSpace its disk takes no appends now (ISR-7)
 */
public record FollowerAck(
    TopicIdPartition partition,
    int leaderEpoch,
    long logEndOffset,
    long flushedOffset,
    long recencyRound,
    boolean lacksSpace) {
  public FollowerAck {
    Objects.requireNonNull(partition, "partition");
  }

  /** Of a follower whose disk takes appends. */
  public FollowerAck(
      TopicIdPartition partition,
      int leaderEpoch,
      long logEndOffset,
      long flushedOffset,
      long recencyRound) {
    this(partition, leaderEpoch, logEndOffset, flushedOffset, recencyRound, false);
  }
}
