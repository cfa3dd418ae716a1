package io.highwater.replication.transport;

import io.highwater.proto.TopicIdPartition;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Record batches from the leader, or none when only offsets moved.
 *
 * @param partition which
 * @param leaderEpoch the leader's epoch
 * @param previousEndOffset end of the batch before the first of {@code records}; must be the
 *     follower's log end, so that compacted gaps are told from lost data (REP-7)
 * @param highWatermark the leader's
 * @param lastStableOffset the leader's
 * @param logStartOffset the leader's
 * @param tombstoneHorizon of the leader's log, which one that begins anew takes over (CMP-6)
 * @param recencyRound to be echoed by the next acknowledgement (FEN-2); 0 when there is none
 * @param records whole batches between position and limit, backed by an array; empty when only
 *     offsets moved. Who owns it is said where the frame is handed over.
 */
public record PushFrame(
    TopicIdPartition partition,
    int leaderEpoch,
    long previousEndOffset,
    long highWatermark,
    long lastStableOffset,
    long logStartOffset,
    long tombstoneHorizon,
    long recencyRound,
    ByteBuffer records) {
  public PushFrame {
    Objects.requireNonNull(partition, "partition");
    Objects.requireNonNull(records, "records");
  }
}
