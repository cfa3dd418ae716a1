package io.highwater.replication.follower;

import io.highwater.log.EpochEnd;
import io.highwater.log.PartitionLog;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.record.BatchHeader;
import io.highwater.replication.DifferentContentException;
import io.highwater.replication.DiskSteps;
import io.highwater.replication.core.Divergence;
import io.highwater.replication.core.FollowerState;
import io.highwater.replication.core.RecencyRounds;
import io.highwater.replication.transport.Follow;
import io.highwater.replication.transport.FollowerAck;
import io.highwater.replication.transport.PushFrame;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * One leader epoch of one partition that this broker follows: cuts the log by the leader's epochs,
 * appends what is pushed, takes the leader's high watermark. On the owner loop.
 */
public final class FollowerAppender {
  private final TopicIdPartition partition;
  private final PartitionLog log;
  private final FollowerState state;
  private final FollowerEvents events;
  private final DiskSteps disk;
  private final LongSupplier nowMs;
  private final ArrayDeque<Held> held = new ArrayDeque<>();
  private boolean onDisk;
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
   * @param disk runs what waits for it
   * @param nowMs monotonic time
   */
  public FollowerAppender(
      TopicIdPartition partition,
      PartitionLog log,
      FollowerState state,
      FollowerEvents events,
      DiskSteps disk,
      LongSupplier nowMs) {
    this.disk = disk;
    this.nowMs = nowMs;
    this.partition = partition;
    this.log = log;
    this.state = state;
    this.events = events;
  }

  /** What is followed. */
  public TopicIdPartition partition() {
    return partition;
  }

  PartitionLog log() {
    return log;
  }

  /** Whether what is here is, as far as it goes, the log of that epoch's leader, and stays it. */
  boolean replicates(int leaderEpoch) {
    return leaderEpoch == state.leaderEpoch()
        && state.phase() == FollowerState.Phase.REPLICATING
        && !onDisk;
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
  boolean endLook(Found found) {
    looking = false;
    if (found.failure() != null) {
      failed(found.failure());
      return false;
    }
    lookedAtEnd = found.endOffset();
    found.header().ifPresent(log::remember);
    return true;
  }

  /** Hears what became of what the leader said. */
  interface Listener {
    /**
     * A frame has been dealt with.
     *
     * @param bytes of records that came with it
     */
    void ended(FollowerAppender follower, int bytes, FollowerState.Verdict verdict);
  }

  /** A frame that came while the log was on the disk. */
  private record Held(PushFrame frame, Listener listener) {}

  /** Whether a step on the disk changes the log now: nothing is asked or taken meanwhile. */
  boolean isOnDisk() {
    return onDisk;
  }

  /** Where the log ends: the question to the leader. */
  Follow ask() {
    state.asked();
    toldLacksSpace = log.lacksSpace();
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
        log.lastHeader().orElse(null),
        toldLacksSpace);
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

  /**
   * The stream broke, or nothing is followed on it any more.
   *
   * @return of how many bytes nobody hears any more that they were taken
   */
  int unlinked() {
    ackQueued = false;
    int bytes = 0;
    for (Held frame : held) {
      bytes += frame.frame.records().remaining();
    }
    held.clear();
    state.unlinked();
    return bytes;
  }

  /** Whether the leader counts only what is flushed, and was not told yet that all is. */
  boolean owesFlushed() {
    return log.config().flush().isGroup() && toldFlushed < log.logEndOffset();
  }

  /**
   * Whether the leader was not told yet that the disk is full, or not any more. While a question is
   * open it would not listen.
   */
  boolean owesSpace() {
    return state.phase() != FollowerState.Phase.ASKED && toldLacksSpace != log.lacksSpace();
  }

  /** Whether the leader waits to hear that this follower still follows (FEN-2). */
  boolean owesRound() {
    return toldRound < askedRound;
  }

  /** Asks for the flush of what is there; false when an acknowledgement need not wait for it. */
  boolean acksAfterFlush() {
    return events.appended(this);
  }

  /**
   * Takes a frame: records first, then the high watermark and the log start. One by which an epoch
   * begins waits for the disk, and those that come meanwhile for their turn.
   *
   * @param frame borrowed until the return
   * @param listener hears the end once, unless the stream breaks before its turn
   */
  void push(PushFrame frame, Listener listener) {
    if (onDisk) {
      held.addLast(new Held(copy(frame), listener));
      return;
    }
    int bytes = frame.records().remaining();
    FollowerState.Verdict verdict =
        state.pushed(frame.leaderEpoch(), frame.previousEndOffset(), log.logEndOffset());
    if (verdict != FollowerState.Verdict.ACCEPT) {
      listener.ended(this, bytes, verdict);
    } else if (waitsForDisk(frame)) {
      PushFrame copy = copy(frame);
      onDisk(
          () -> append(copy),
          failure ->
              listener.ended(this, bytes, failure == null ? appended(copy) : failed(failure)));
    } else {
      listener.ended(this, bytes, take(frame));
    }
  }

  /** An epoch begins, or a copy of a compacted log. */
  private boolean waitsForDisk(PushFrame frame) {
    return (frame.records().hasRemaining() && log.beginsEpoch(frame.records(), frame.leaderEpoch()))
        || (isEmpty() && frame.tombstoneHorizon() > log.tombstoneHorizon());
  }

  private boolean isEmpty() {
    return log.logStartOffset() == log.logEndOffset();
  }

  private FollowerState.Verdict take(PushFrame frame) {
    try {
      append(frame);
      return appended(frame);
    } catch (HighwaterException e) {
      return failed(e);
    }
  }

  private void append(PushFrame frame) {
    if (isEmpty()) {
      log.inheritTombstoneHorizon(frame.tombstoneHorizon());
    }
    if (frame.records().hasRemaining()) {
      log.appendAsFollower(frame.records(), frame.previousEndOffset(), frame.leaderEpoch());
    }
  }

  private FollowerState.Verdict appended(PushFrame frame) {
    long before = log.highWatermark();
    try {
      log.advanceHighWatermark(Math.min(frame.highWatermark(), log.logEndOffset()));
      log.advanceLogStart(frame.logStartOffset());
    } catch (HighwaterException e) {
      return failed(e);
    }
    askedRound = Math.max(askedRound, frame.recencyRound());
    if (log.highWatermark() > before) {
      events.highWatermarkAdvanced(this);
    }
    return FollowerState.Verdict.ACCEPT;
  }

  private static PushFrame copy(PushFrame frame) {
    ByteBuffer records = ByteBuffer.allocate(frame.records().remaining());
    records.put(frame.records().duplicate()).flip();
    return new PushFrame(
        frame.partition(),
        frame.leaderEpoch(),
        frame.previousEndOffset(),
        frame.highWatermark(),
        frame.lastStableOffset(),
        frame.logStartOffset(),
        frame.tombstoneHorizon(),
        frame.recencyRound(),
        records);
  }

  /** LEP-3: cuts to where the histories agree; the follower then asks again. */
  void diverged(int leaderEpoch, int epoch, long endOffset, Listener listener) {
    if (!onDisk && state.corrected(leaderEpoch) == FollowerState.Verdict.ACCEPT) {
      EpochEnd own = log.endOf(epoch);
      long cut = Divergence.cutOffset(endOffset, own.endOffset(), log.logEndOffset());
      correct(cut, () -> log.truncateTo(cut), listener);
    }
  }

  /** REP-9: what is here is not what the leader has. */
  void differs(int leaderEpoch, long endOffset, String what) {
    if (state.differs(leaderEpoch, endOffset, log.logEndOffset()) == FollowerState.Verdict.ACCEPT) {
      events.storageFailed(this, new DifferentContentException(what));
    }
  }

  /** LEP-3: nothing here is in the leader's log; the follower begins again at its start. */
  void reset(int leaderEpoch, long logStartOffset, long leaderHorizon, Listener listener) {
    if (onDisk || state.corrected(leaderEpoch) != FollowerState.Verdict.ACCEPT) {
      return;
    }
    // What lies below the leader's start was deleted by retention, not lost.
    // Nor is what is copied again because its tombstones are gone (CMP-6).
    boolean copiesAgain =
        Divergence.missesTombstones(
            log.logEndOffset(), log.tombstoneHorizon(), logStartOffset, leaderHorizon);
    long from = Math.max(logStartOffset, log.logStartOffset());
    correct(copiesAgain ? Long.MAX_VALUE : from, () -> log.resetTo(logStartOffset), listener);
  }

  /**
   * LEP-7: what is known to be committed goes only when the metadata tells of its loss.
   *
   * @param offset from where on the log goes
   */
  private void correct(long offset, Runnable step, Listener listener) {
    long committed = log.highWatermark();
    if (offset < committed && !events.mayDrop(this, offset, committed)) {
      state.failed(nowMs.getAsLong());
      listener.ended(this, 0, FollowerState.Verdict.IGNORE);
      return;
    }
    onDisk(
        step,
        failure ->
            listener.ended(
                this, 0, failure == null ? FollowerState.Verdict.ASK_AGAIN : failed(failure)));
  }

  /** Meanwhile the log is not the loop's. */
  private void onDisk(Runnable step, Consumer<HighwaterException> whenDone) {
    onDisk = true;
    disk.run(
        log.partition(),
        () -> {
          step.run();
          return partition;
        },
        (unused, failure) -> {
          onDisk = false;
          whenDone.accept(failure);
          while (!onDisk && !held.isEmpty()) {
            Held next = held.pollFirst();
            push(next.frame, next.listener);
          }
        });
  }

  private FollowerState.Verdict failed(HighwaterException failure) {
    state.failed(nowMs.getAsLong());
    if (failure.code() == ErrorCode.KAFKA_STORAGE_ERROR) {
      events.storageFailed(this, failure);
    }
    return FollowerState.Verdict.IGNORE;
  }
}
