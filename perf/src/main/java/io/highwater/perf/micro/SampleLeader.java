package io.highwater.perf.micro;

import io.highwater.replication.core.Effects;
import io.highwater.replication.core.Hearing;
import io.highwater.replication.core.HighWatermark;
import io.highwater.replication.core.LeaderState;
import io.highwater.replication.core.PartitionAssignment;
import java.util.List;

/** A leader with two followers in sync. */
final class SampleLeader {
  private static final int LEADER = 1;
  private static final int[] FOLLOWERS = {2, 3};

  private SampleLeader() {}

  static LeaderState ofThreeInSync() {
    LeaderState leader =
        new LeaderState(
            LEADER,
            101,
            new PartitionAssignment(List.of(1, 2, 3), List.of(1, 2, 3), LEADER, 7, 0, 2),
            0,
            0,
            new LeaderState.Patience(10_000, 2_000, 1_000),
            Hearing.NOTHING,
            HighWatermark.Quorum.MAXIMAL_ISR,
            SampleBatches.BASE_TIMESTAMP_MS);
    for (int follower : FOLLOWERS) {
      leader.followed(
          follower, 100 + follower, 0, 0, SampleBatches.BASE_TIMESTAMP_MS, new Effects());
    }
    return leader;
  }

  /** The leader's log grows to {@code end} and both followers acknowledge it. */
  static void appendAndCommit(LeaderState leader, long end, Effects effects) {
    leader.appended(end, SampleBatches.BASE_TIMESTAMP_MS, effects.clear());
    for (int follower : FOLLOWERS) {
      leader.acked(follower, end, 0, SampleBatches.BASE_TIMESTAMP_MS, effects.clear());
    }
  }
}
