package io.highwater.replication.follower;

import io.highwater.log.PartitionLog;
import io.highwater.log.read.RangeHash;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.transport.HashAnswer;
import io.highwater.replication.transport.HashQuestion;
import io.highwater.replication.transport.LeaderLink;
import java.util.concurrent.Executor;

/**
 * Tells a leader what is held here of a range of offsets (REP-10): in any case, and only what is so
 * before and after the look at the disk, which is another thread's. On the owner loop, but for
 * that.
 */
final class RangeAnswers {
  /** Whoever asks for more is told about so much. */
  private static final long MAX_BYTES = 64L << 20;

  private final OwnerLoop loop;
  private final Executor io;

  RangeAnswers(OwnerLoop loop, Executor io) {
    this.loop = loop;
    this.io = io;
  }

  /**
   * Answers on a link, later.
   *
   * @param follower null when the partition is not followed on it
   */
  void answer(FollowerAppender follower, HashQuestion question, LeaderLink link) {
    if (follower == null || !follower.replicates(question.leaderEpoch())) {
      link.answerHash(notFollowing(question));
      return;
    }
    io.execute(
        () -> {
          HashAnswer answer = look(follower.log(), question);
          loop.execute(
              () ->
                  link.answerHash(
                      follower.replicates(question.leaderEpoch())
                          ? answer
                          : notFollowing(question)));
        });
  }

  private static HashAnswer notFollowing(HashQuestion question) {
    return HashAnswer.none(question.id(), "it does not follow now");
  }

  private static HashAnswer look(PartitionLog log, HashQuestion question) {
    try {
      if (log.logEndOffset() < question.endOffset()) {
        return HashAnswer.none(question.id(), "its log ends at offset " + log.logEndOffset());
      }
      RangeHash found =
          RangeHash.of(
              log,
              question.fromOffset(),
              question.endOffset(),
              Math.min(question.bytes(), MAX_BYTES));
      // Asked afterwards: no cleaning begins before this says so.
      return log.mayHaveGaps()
          ? HashAnswer.none(question.id(), "its log is or was compacted")
          : HashAnswer.of(question.id(), found.sha256());
    } catch (HighwaterException e) {
      // Damage is noted where it was found; records may have been deleted meanwhile.
      return HashAnswer.none(question.id(), e.code() + ": " + e.getMessage());
    } catch (RuntimeException e) {
      // The leader waits for the answer.
      return HashAnswer.none(question.id(), "reading it failed: " + e);
    }
  }
}
