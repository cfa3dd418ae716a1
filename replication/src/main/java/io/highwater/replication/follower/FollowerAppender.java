package io.highwater.replication.follower;

import io.highwater.log.EpochEnd;
import io.highwater.log.PartitionLog;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.record.BatchHeader;
import io.highwater.replication.DifferentContentException;
import io.highwater.replication.core.Divergence;
import io.highwater.replication.core.FollowerState;
import io.highwater.replication.core.RecencyRounds;
import io.highwater.replication.transport.Follow;
import io.highwater.replication.transport.FollowerAck;
import io.highwater.replication.transport.PushFrame;
import java.util.Optional;

/**
 * One leader epoch of one partition that this broker follows: cuts the log by the leader's epochs,
 * appends what is pushed, takes the leader's high watermark. On the owner loop.
 */
public final class FollowerAppender {
  private final TopicIdPartition partition;
  private final PartitionLog log;
  private final FollowerState state;
  private final FollowerEvents events;
  private boolean ackQueued;
  private boolean toldLacksSpace;
  private long toldFlushed;
  private boolean looking;
  private long lookedAtEnd = -1;
  private long askedRound = RecencyRounds.NONE;
  private long toldRound = RecencyRounds.NONE;

  /**
   * Begins to follow.
   *
   * @param state of the new epoch
   */
  public FollowerAppender(
      TopicIdPartition partition, PartitionLog log, FollowerState state, FollowerEvents events) {
    this.partition = partition;
    this.log = log;
    this.state = state;
    this.events = events;
  }

  /** What is followed. */
  public TopicIdPartition partition() {
    return partition;
  }

  /** The rules' view of this epoch. */
  public FollowerState state() {
    return state;
  }

  /**
   * What a look at the end of the log brought.
   *
   * @param endOffset where it ended then
   * @param header of its last batch; empty when the last offset was compacted away
   * @param failure null unless it does not read
   */
  record Found(long endOffset, Optional<BatchHeader> header, HighwaterException failure) {}

  /** Whether the disk has to be asked what the log ends with; a look begins then. */
  boolean beginLook() {
    boolean due =
        !looking
            && log.logStartOffset() < log.logEndOffset()
            && lookedAtEnd != log.logEndOffset()
            && log.lastHeader().isEmpty();
    looking |= due;
    return due;
  }

  boolean isLooking() {
    return looking;
  }

  /** Waits for the disk. Any thread. */
  Found look() {
    long end = log.logEndOffset();
    try {
      return new Found(end, log.headerAt(end - 1), null);
    } catch (HighwaterException e) {
      // Its records may all have been deleted meanwhile.
      return new Found(end, Optional.empty(), e.code() == ErrorCode.OFFSET_OUT_OF_RANGE ? null : e);
    }
  }

  /** Whether the leader can be asked now. */
  boolean endLook(Found found, long nowMs) {
    looking = false;
    if (found.failure() != null) {
      failed(found.failure(), nowMs);
      return false;
    }
    lookedAtEnd = found.endOffset();
    found.header().ifPresent(log::remember);
    return true;
  }

  /** Where the log ends: the question to the leader. */
  Follow ask() {
    state.asked();
    toldLacksSpace = false;
    toldFlushed = log.flushedOffset();
    // Rounds are counted anew by every leadership, even of the same epoch.
    askedRound = RecencyRounds.NONE;
    toldRound = RecencyRounds.NONE;
    return new Follow(
        partition,
        state.leaderEpoch(),
        log.logEndOffset(),
        log.lastEpoch(),
        log.flushedOffset(),
        log.tombstoneHorizon(),
        log.lastHeader().orElse(null));
  }

  FollowerAck ack() {
    ackQueued = false;
    toldFlushed = log.flushedOffset();
    toldRound = askedRound;
    toldLacksSpace = log.lacksSpace();
    return new FollowerAck(
        partition,
        state.leaderEpoch(),
        log.logEndOffset(),
        log.flushedOffset(),
        askedRound,
        toldLacksSpace);
  }

  /** Marks it as having something to acknowledge; false when it was already. */
  boolean enqueueAck() {
    boolean first = !ackQueued;
    ackQueued = true;
    return first;
  }

  /** The stream broke. */
  void unlinked() {
    ackQueued = false;
    state.unlinked();
  }

  /** Whether the leader counts only what is flushed, and was not told yet that all is. */
  boolean owesFlushed() {
    return log.config().flush().isGroup() && toldFlushed < log.logEndOffset();
  }

  /** Whether the leader was not told yet that the disk is full, or not any more. */
  boolean owesSpace() {
    return toldLacksSpace != log.lacksSpace();
  }

  /** Whether the leader waits to hear that this follower still follows (FEN-2). */
  boolean owesRound() {
    return toldRound < askedRound;
  }

  /** Asks for the flush of what is there; false when an acknowledgement need not wait for it. */
  boolean acksAfterFlush() {
    return events.appended(this);
  }

  /** Takes a frame: records first, then the high watermark and the log start. */
  FollowerState.Verdict push(PushFrame frame, long nowMs) {
    FollowerState.Verdict verdict =
        state.pushed(frame.leaderEpoch(), frame.previousEndOffset(), log.logEndOffset());
    if (verdict != FollowerState.Verdict.ACCEPT) {
      return verdict;
    }
    long before = log.highWatermark();
    try {
      if (log.logStartOffset() == log.logEndOffset()) {
        log.inheritTombstoneHorizon(frame.tombstoneHorizon());
      }
      if (frame.records().hasRemaining()) {
        log.appendAsFollower(frame.records(), frame.previousEndOffset(), frame.leaderEpoch());
      }
      log.advanceHighWatermark(Math.min(frame.highWatermark(), log.logEndOffset()));
      log.advanceLogStart(frame.logStartOffset());
    } catch (HighwaterException e) {
      failed(e, nowMs);
      return FollowerState.Verdict.IGNORE;
    }
    askedRound = Math.max(askedRound, frame.recencyRound());
    if (log.highWatermark() > before) {
      events.highWatermarkAdvanced(this);
    }
    return verdict;
  }

  /** LEP-3: cuts to where the histories agree; the follower then asks again. */
  FollowerState.Verdict diverged(int leaderEpoch, int epoch, long endOffset, long nowMs) {
    FollowerState.Verdict verdict = state.corrected(leaderEpoch);
    if (verdict != FollowerState.Verdict.ACCEPT) {
      return verdict;
    }
    EpochEnd own = log.endOf(epoch);
    long cut = Divergence.cutOffset(endOffset, own.endOffset(), log.logEndOffset());
    if (!mayDropFrom(cut)) {
      state.failed(nowMs);
      return FollowerState.Verdict.IGNORE;
    }
    try {
      log.truncateTo(cut);
    } catch (HighwaterException e) {
      failed(e, nowMs);
      return FollowerState.Verdict.IGNORE;
    }
    return FollowerState.Verdict.ASK_AGAIN;
  }

  /** REP-9: what is here is not what the leader has. */
  void differs(int leaderEpoch, long endOffset, String what) {
    if (state.differs(leaderEpoch, endOffset, log.logEndOffset()) == FollowerState.Verdict.ACCEPT) {
      events.storageFailed(this, new DifferentContentException(what));
    }
  }

  /** LEP-3: nothing here is in the leader's log; the follower begins again at its start. */
  FollowerState.Verdict reset(
      int leaderEpoch, long logStartOffset, long leaderHorizon, long nowMs) {
    FollowerState.Verdict verdict = state.corrected(leaderEpoch);
    if (verdict != FollowerState.Verdict.ACCEPT) {
      return verdict;
    }
    // What lies below the leader's start was deleted by retention, not lost.
    // Nor is what is copied again because its tombstones are gone (CMP-6).
    boolean copiesAgain =
        Divergence.missesTombstones(
            log.logEndOffset(), log.tombstoneHorizon(), logStartOffset, leaderHorizon);
    if (!copiesAgain && !mayDropFrom(Math.max(logStartOffset, log.logStartOffset()))) {
      state.failed(nowMs);
      return FollowerState.Verdict.IGNORE;
    }
    try {
      log.resetTo(logStartOffset);
    } catch (HighwaterException e) {
      failed(e, nowMs);
      return FollowerState.Verdict.IGNORE;
    }
    return FollowerState.Verdict.ASK_AGAIN;
  }

  /** LEP-7: what is known to be committed goes only when the metadata tells of its loss. */
  private boolean mayDropFrom(long offset) {
    long committed = log.highWatermark();
    return offset >= committed || events.mayDrop(this, offset, committed);
  }

  private void failed(HighwaterException failure, long nowMs) {
    state.failed(nowMs);
    if (failure.code() == ErrorCode.KAFKA_STORAGE_ERROR) {
      events.storageFailed(this, failure);
    }
  }
}
