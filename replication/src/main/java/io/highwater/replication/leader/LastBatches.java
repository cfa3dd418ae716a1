package io.highwater.replication.leader;

import io.highwater.log.PartitionLog;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.record.BatchHeader;
import io.highwater.replication.core.Divergence;
import io.highwater.replication.core.LeaderState;
import io.highwater.replication.transport.Follow;
import io.highwater.replication.transport.FollowerLink;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Compares the last batch of one broker's followers with the leader's batch at that place before
 * they follow (REP-9): equal epochs and ends do not make equal logs. What is not in memory is read
 * on the I/O pool. On the owner loop, but for that.
 */
final class LastBatches {
  private final ReplicaSender sender;
  private final FollowerLink link;
  private final LeaderStreams streams;
  private final Map<TopicIdPartition, Follow> underWay = new HashMap<>();

  LastBatches(ReplicaSender sender, FollowerLink link, LeaderStreams streams) {
    this.sender = sender;
    this.link = link;
    this.streams = streams;
  }

  /** Whether there is something to compare that is not known to be the same. */
  boolean mustBeCompared(Leadership leadership, Follow follow) {
    PartitionLog log = leadership.log();
    if (follow.lastBatch() == null || follow.logEndOffset() <= log.logStartOffset()) {
      return false;
    }
    Optional<BatchHeader> known =
        follow.logEndOffset() == log.logEndOffset() ? log.lastHeader() : Optional.empty();
    if (known.isEmpty() || known.get().contradicts(follow.lastBatch())) {
      return true;
    }
    leadership.state().agreed(sender.followerId());
    return false;
  }

  /** Compares; the follower is answered later. */
  void compare(Leadership leadership, Follow follow) {
    underWay.put(follow.partition(), follow);
    streams
        .io()
        .execute(
            () -> {
              try {
                Optional<BatchHeader> own = leadership.log().headerAt(follow.logEndOffset() - 1);
                streams.loop().execute(() -> found(leadership, follow, own));
              } catch (HighwaterException e) {
                streams.loop().execute(() -> failed(leadership, follow, e));
              }
            });
  }

  /** The follower asked something else, or follows no longer. */
  void drop(TopicIdPartition partition) {
    underWay.remove(partition);
  }

  void dropAll() {
    underWay.clear();
  }

  /** Whether the question still stands; one about an epoch that is over is refused. */
  private boolean stands(Leadership leadership, Follow follow) {
    if (!underWay.remove(follow.partition(), follow)) {
      return false;
    }
    if (streams.leadership(follow.partition()) != leadership) {
      refuse(follow, ErrorCode.NOT_LEADER_OR_FOLLOWER);
      return false;
    }
    return true;
  }

  private void found(Leadership leadership, Follow follow, Optional<BatchHeader> own) {
    if (!stands(leadership, follow)) {
      return;
    }
    PartitionLog log = leadership.log();
    if (leadership.judge(follow, log.endOf(follow.lastEpoch())) != Divergence.Verdict.MATCHES) {
      sender.onFollow(follow); // The log's start moved meanwhile.
    } else if (own.isPresent() && own.get().contradicts(follow.lastBatch())) {
      differs(leadership, follow, own.get());
    } else {
      own.ifPresent(
          header -> {
            log.remember(header);
            leadership.state().agreed(sender.followerId());
          });
      sender.begin(leadership, follow);
    }
  }

  private void failed(Leadership leadership, Follow follow, HighwaterException failure) {
    if (!stands(leadership, follow)) {
      return;
    }
    if (failure.code() == ErrorCode.OFFSET_OUT_OF_RANGE) {
      sender.onFollow(follow);
    } else {
      refuse(follow, failure.code());
      leadership.readFailed(failure);
    }
  }

  private void differs(Leadership leadership, Follow follow, BatchHeader own) {
    String what =
        leadership.log().partition()
            + " differs between replicas below offset "
            + follow.logEndOffset()
            + ": its leader, broker "
            + streams.brokerId()
            + ", holds a batch of "
            + own
            + ", broker "
            + sender.followerId()
            + " one of "
            + follow.lastBatch();
    LeaderState.Dissent dissent = leadership.differed(sender.followerId(), what);
    if (dissent == LeaderState.Dissent.FOLLOWER_YIELDS) {
      link.differs(follow.partition(), follow.leaderEpoch(), follow.logEndOffset(), what);
    } else {
      refuse(follow, ErrorCode.INELIGIBLE_REPLICA);
    }
  }

  private void refuse(Follow follow, ErrorCode error) {
    link.refuse(follow.partition(), follow.leaderEpoch(), error);
  }
}
