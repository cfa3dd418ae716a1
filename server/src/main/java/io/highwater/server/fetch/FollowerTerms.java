package io.highwater.server.fetch;

import io.highwater.log.PartitionLog;
import io.highwater.proto.ErrorCode;
import io.highwater.replication.LostRecords;
import io.highwater.replication.Replica;
import io.highwater.replication.core.FollowerState;
import io.highwater.server.partition.LedPartitions;
import io.highwater.server.partition.PartitionException;
import java.util.Optional;

/**
 * When a follower may send to one reader (KIP-392): while it is in sync in the epoch in which the
 * reading began, and has the log that the reader has read. For what it may hear of yet it waits a
 * little; everything else is for the leader to say. On the owner loop.
 */
final class FollowerTerms {
  /** Pause between two looks at whether it still may. */
  static final long WATCH_MS = 500;

  private static final int MAX_WAITS = 2;

  private final LedPartitions partitions;
  private final Replica replica;
  private final FetchStart start;
  private final int leaderEpoch;
  private boolean checked;
  private int waits;

  /** Terms of a reader that begins now. */
  FollowerTerms(LedPartitions partitions, Replica replica, FetchStart start) {
    this.partitions = partitions;
    this.replica = replica;
    this.start = start;
    this.leaderEpoch = replica.leaderEpoch();
  }

  /**
   * Whether what is committed from {@code nextOffset} on may be sent now, or is to be waited for.
   *
   * @throws PartitionException when the reader has to turn to the leader
   */
  boolean permit(long nextOffset) {
    partitions.findInSync(start.id(), leaderEpoch);
    PartitionLog log = replica.log();
    boolean matches =
        replica.followerState() != null
            && replica.followerState().phase() == FollowerState.Phase.REPLICATING;
    if (!matches || nextOffset > log.logEndOffset()) {
      return false;
    }
    if (nextOffset < log.logStartOffset()) {
      throw toLeader(
          ErrorCode.OFFSET_OUT_OF_RANGE, "the follower's log starts at " + log.logStartOffset());
    }
    if (!checked) {
      Optional<LostRecords> lost = FetchChecks.check(log, partitions.losses(start.id()), start);
      if (lost.isPresent()) {
        throw FetchChecks.refusal(lost.get());
      }
      checked = true;
    }
    return true;
  }

  /**
   * To be called every {@link #WATCH_MS}.
   *
   * @throws PartitionException as {@link #permit}, and OFFSET_NOT_AVAILABLE when it was waited long
   *     enough: the offset may be wrong, or the follower slow
   */
  void watch(long nextOffset) {
    waits = permit(nextOffset) ? 0 : waits + 1;
    if (waits >= MAX_WAITS) {
      throw toLeader(
          ErrorCode.OFFSET_NOT_AVAILABLE,
          "the follower's log ends at "
              + replica.log().logEndOffset()
              + ", offset "
              + nextOffset
              + " is not there yet");
    }
  }

  private PartitionException toLeader(ErrorCode error, String text) {
    return new PartitionException(error, text, partitions.catalog().leader(start.id()));
  }
}
