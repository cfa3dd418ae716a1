package io.highwater.replication.transport;

import io.highwater.proto.TopicIdPartition;
import java.util.Objects;

/**
 * The leader asks what a follower holds of a range of committed offsets (REP-10).
 *
 * @param id names the question on its stream
 * @param partition which
 * @param leaderEpoch the leader's epoch
 * @param fromOffset where the range begins, in the leader's log
 * @param endOffset exclusive end of its last batch there
 * @param bytes of its batches there: with more the follower differs
 */
public record HashQuestion(
    long id,
    TopicIdPartition partition,
    int leaderEpoch,
    long fromOffset,
    long endOffset,
    long bytes) {
  public HashQuestion {
    Objects.requireNonNull(partition, "partition");
  }
}
