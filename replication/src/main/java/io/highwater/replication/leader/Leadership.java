package io.highwater.replication.leader;

import io.highwater.log.AppendResult;
import io.highwater.log.EpochEnd;
import io.highwater.log.PartitionLog;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.AppendListener;
import io.highwater.replication.AppendReceipt;
import io.highwater.replication.Cancellable;
import io.highwater.replication.DifferentContentException;
import io.highwater.replication.LogStatus;
import io.highwater.replication.core.AckTracker;
import io.highwater.replication.core.Divergence;
import io.highwater.replication.core.Effects;
import io.highwater.replication.core.IsrProposal;
import io.highwater.replication.core.LeaderState;
import io.highwater.replication.core.PartitionAssignment;
import io.highwater.replication.core.ProposalOutcome;
import io.highwater.replication.core.RecencyRounds;
import io.highwater.replication.transport.Follow;
import io.highwater.replication.transport.FollowerAck;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One leader epoch of one partition on this broker: carries the decisions of {@link LeaderState} to
 * the log, to waiting appends and to the streams of followers. On the owner loop.
 */
public final class Leadership {
  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

  /** How long a claim about recency waits; a client tries again then. */
  private static final long CONFIRMATION_TIMEOUT_MS = 2_000;

  private final TopicIdPartition partition;
  private final PartitionLog log;
  private final LeaderState state;
  private final LeadershipEvents events;
  private final AckTracker<PendingAppend> acks = new AckTracker<>(PendingAppend::endOffset);
  private final AckTracker<PendingAppend> flushAcks = new AckTracker<>(PendingAppend::endOffset);
  private final List<PushCursor> cursors = new ArrayList<>();
  private final RecencyRounds<CompletableFuture<Long>> recency =
      new RecencyRounds<>(CONFIRMATION_TIMEOUT_MS);
  private final Effects effects = new Effects();
  private final Set<Integer> dissenters = new HashSet<>();
  private boolean ended;

  /**
   * Takes over leadership.
   *
   * @param state of the new epoch, which begins at the log's end
   */
  public Leadership(
      TopicIdPartition partition, PartitionLog log, LeaderState state, LeadershipEvents events) {
    this.partition = partition;
    this.log = log;
    this.state = state;
    this.events = events;
  }

  /** Once, when the role stands: events may come. */
  public void begin() {
    state.began(effects.clear());
    carryOut();
  }

  /** What is led. */
  public TopicIdPartition partition() {
    return partition;
  }

  /** The rules' view of this epoch. */
  public LeaderState state() {
    return state;
  }

  /** The epoch. */
  public int leaderEpoch() {
    return state.leaderEpoch();
  }

  RecencyRounds<CompletableFuture<Long>> recency() {
    return recency;
  }

  PartitionLog log() {
    return log;
  }

  /** Where the log stands. */
  public LogStatus status() {
    long highWatermark = log.highWatermark();
    // Without transactions everything committed is stable.
    return new LogStatus(leaderEpoch(), log.logStartOffset(), highWatermark, highWatermark);
  }

  /**
   * Appends one batch of a client.
   *
   * @param batch stamped in place; borrowed until return
   * @param validated whether nothing but its place is still to be checked
   * @param required whose having it counts as success
   * @param listener hears the end once
   * @return calls the listener off; the batch stays in the log
   */
  public Cancellable append(
      ByteBuffer batch, boolean validated, Acks required, AppendListener listener, long nowMs) {
    if (required == Acks.ALL && !state.hasEnoughReplicas()) {
      listener.onFailed(
          ErrorCode.NOT_ENOUGH_REPLICAS,
          false,
          "in-sync replicas are " + state.inSync().committed() + ", too few for acks=all");
      return Cancellable.DONE;
    }
    if (required == Acks.ALL && state.isCutOff(nowMs)) {
      listener.onFailed(ErrorCode.NOT_ENOUGH_REPLICAS, false, cutOff());
      return Cancellable.DONE;
    }
    AppendResult result;
    try {
      result = log.appendAsLeader(batch, leaderEpoch(), validated);
    } catch (HighwaterException e) {
      appendFailed(e, listener, nowMs);
      return Cancellable.DONE;
    }
    PendingAppend pending = new PendingAppend(result, listener);
    if (required == Acks.ALL) {
      acks.await(pending);
    }
    if (!result.duplicate()) {
      state.appended(log.logEndOffset(), nowMs, effects.clear());
      for (PushCursor cursor : cursors) {
        cursor.sender().wake(cursor);
      }
      events.appended(this);
      carryOut();
    } else {
      acknowledge();
    }
    if (required == Acks.LEADER && mustBeFlushed(pending)) {
      flushAcks.await(pending);
    } else if (required != Acks.ALL) {
      pending.appended(receipt(result));
    }
    return pending;
  }

  /** Answers go out in the order of the requests (ACK-3). */
  private boolean mustBeFlushed(PendingAppend append) {
    return log.config().flush().isGroup()
        && (flushAcks.size() > 0 || append.endOffset() > log.flushedOffset());
  }

  /** More of the log is on the disk. */
  public void flushed() {
    state.flushed(log.flushedOffset(), effects.clear());
    carryOut();
    answer(flushAcks, log.flushedOffset());
  }

  private void appendFailed(HighwaterException failure, AppendListener listener, long nowMs) {
    boolean storage = failure.code() == ErrorCode.KAFKA_STORAGE_ERROR;
    listener.onFailed(failure.code(), failure.outcome() == Outcome.UNKNOWN, failure.getMessage());
    if (storage) {
      events.storageFailed(this, failure);
    } else if (failure.code() == ErrorCode.STORAGE_FULL) {
      tick(nowMs);
    }
  }

  /** The log could not be read for a follower. */
  void readFailed(HighwaterException failure) {
    events.storageFailed(this, failure);
  }

  /** Compares a follower's position with the log; both are in this epoch (LEP-5). */
  Divergence.Verdict judge(Follow follow, EpochEnd end) {
    Divergence.Verdict verdict =
        Divergence.judge(
            follow.logEndOffset(),
            follow.lastEpoch(),
            log.logStartOffset(),
            log.logEndOffset(),
            end.epoch(),
            end.endOffset());
    return verdict == Divergence.Verdict.MATCHES
            && missesTombstones(follow.logEndOffset(), follow.tombstoneHorizon())
        ? Divergence.Verdict.RESET
        : verdict;
  }

  /** CMP-6: whether a log of that horizon may not go on from {@code end} with what is here. */
  boolean missesTombstones(long end, long horizon) {
    return Divergence.missesTombstones(end, horizon, log.logStartOffset(), log.tombstoneHorizon());
  }

  /**
   * A follower holds something else (REP-9).
   *
   * @param what for people: both sides
   */
  LeaderState.Dissent differed(int follower, String what) {
    LeaderState.Dissent dissent = state.differed(follower);
    if (dissent == LeaderState.Dissent.LEADER_YIELDS) {
      giveWay(what + "; more replicas differ from it than agree");
    } else if (dissenters.add(follower)) {
      LOG.warn("{}", what);
    }
    return dissent;
  }

  /** What is led here is not to be used: most replicas hold something else. */
  void giveWay(String what) {
    events.storageFailed(this, new DifferentContentException(what));
  }

  /** Where a follower is, or null when it does not follow now. */
  PushCursor cursor(int follower) {
    for (PushCursor cursor : cursors) {
      if (cursor.sender().followerId() == follower) {
        return cursor;
      }
    }
    return null;
  }

  /** The log start moved: followers are told as of a high watermark. */
  public void logStartMoved() {
    for (PushCursor cursor : cursors) {
      cursor.sender().wakeForHighWatermark(cursor);
    }
  }

  /** A follower whose log matches begins to follow. */
  void followed(PushCursor cursor, long brokerEpoch, Follow follow, long nowMs) {
    int follower = cursor.sender().followerId();
    cursors.add(cursor);
    state.followerLacksSpace(follower, follow.lacksSpace());
    state.followed(
        follower,
        brokerEpoch,
        follow.logEndOffset(),
        follow.flushedOffset(),
        nowMs,
        effects.clear());
    carryOut();
  }

  void unfollowed(PushCursor cursor) {
    if (cursors.remove(cursor)) {
      state.unfollowed(cursor.sender().followerId());
    }
  }

  void acked(int follower, FollowerAck ack, long nowMs) {
    state.confirmed(follower, ack.recencyRound());
    state.followerLacksSpace(follower, ack.lacksSpace());
    state.acked(follower, ack.logEndOffset(), ack.flushedOffset(), nowMs, effects.clear());
    carryOut();
  }

  /** The control plane committed a newer assignment in the same epoch. */
  public void committed(PartitionAssignment assignment, long nowMs) {
    state.committed(assignment, nowMs, effects.clear());
    carryOut();
  }

  /** A proposal ended, perhaps later than the epoch. */
  public void outcome(IsrProposal proposal, ProposalOutcome outcome, long nowMs) {
    if (ended) {
      return;
    }
    state.outcome(proposal, outcome, nowMs, effects.clear());
    carryOut();
  }

  /** Time passed. */
  public void tick(long nowMs) {
    state.leaderLacksSpace(log.lacksSpace());
    state.tick(nowMs, effects.clear());
    carryOut();
    if (acks.size() > 0 && state.isCutOff(nowMs)) {
      fail(acks, ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND, cutOff());
    }
    for (CompletableFuture<Long> late = recency.pollExpired(nowMs);
        late != null;
        late = recency.pollExpired(nowMs)) {
      fail(
          late,
          ErrorCode.OFFSET_NOT_AVAILABLE,
          "in-sync replicas "
              + state.inSync().maximal()
              + " did not all confirm leader epoch "
              + leaderEpoch()
              + " in time");
    }
  }

  /**
   * The epoch is over: nothing more is pushed, and appends that still wait may or may not survive
   * (ACK-1).
   */
  public void end() {
    ended = true;
    for (PushCursor cursor : List.copyOf(cursors)) {
      cursor.sender().leadershipEnded(cursor);
    }
    cursors.clear();
    String text = "leadership ended in epoch " + leaderEpoch() + " before the append was ";
    fail(acks, ErrorCode.NOT_LEADER_OR_FOLLOWER, text + "committed");
    fail(flushAcks, ErrorCode.NOT_LEADER_OR_FOLLOWER, text + "flushed");
    for (CompletableFuture<Long> claim = recency.poll(); claim != null; claim = recency.poll()) {
      fail(
          claim,
          ErrorCode.NOT_LEADER_OR_FOLLOWER,
          "leadership ended in epoch " + leaderEpoch() + " before its end was confirmed");
    }
  }

  private static void fail(AckTracker<PendingAppend> waiting, ErrorCode error, String text) {
    for (PendingAppend pending = waiting.poll(); pending != null; pending = waiting.poll()) {
      pending.failed(error, text);
    }
  }

  private String cutOff() {
    return "not all in-sync replicas of "
        + state.inSync().maximal()
        + " are heard, and no controller lets the silent ones go";
  }

  private static void fail(CompletableFuture<Long> claim, ErrorCode error, String text) {
    claim.completeExceptionally(new HighwaterException(error, text));
  }

  /**
   * The end of what is committed, confirmed after this call by all in-sync replicas to be that of
   * the newest epoch (FEN-2).
   *
   * @return completes on the owner loop, perhaps at once; fails with OFFSET_NOT_AVAILABLE while the
   *     end is not known (REP-4) or not confirmed in time, or NOT_LEADER_OR_FOLLOWER
   */
  public CompletableFuture<Long> confirmedEnd(long nowMs) {
    CompletableFuture<Long> end = new CompletableFuture<>();
    if (!state.knowsCommittedEnd()) {
      fail(
          end,
          ErrorCode.OFFSET_NOT_AVAILABLE,
          "leader epoch " + leaderEpoch() + " has not heard of its in-sync replicas yet");
      return end;
    }
    recency.claim(end, nowMs);
    for (PushCursor cursor : cursors) {
      cursor.sender().wakeForRound(cursor);
    }
    answerClaims();
    return end;
  }

  private void answerClaims() {
    while (!recency.isEmpty()) {
      CompletableFuture<Long> claim = recency.pollConfirmed(state.confirmedRound());
      if (claim == null) {
        return;
      }
      claim.complete(state.highWatermark());
    }
  }

  private void carryOut() {
    // Listeners may append again and so reuse the effects: take them first.
    boolean advanced = effects.highWatermarkAdvanced();
    IsrProposal proposal = effects.isrProposal();
    if (advanced) {
      log.advanceHighWatermark(state.highWatermark());
      for (PushCursor cursor : cursors) {
        cursor.sender().wakeForHighWatermark(cursor);
      }
      acknowledge();
      events.highWatermarkAdvanced(this);
    }
    if (proposal != null) {
      events.isrProposed(this, proposal);
    }
    answerClaims();
  }

  /** ACK-1: the high watermark has passed, which it does only with enough replicas in sync. */
  private void acknowledge() {
    answer(acks, state.highWatermark());
  }

  private void answer(AckTracker<PendingAppend> waiting, long offset) {
    for (PendingAppend next = waiting.pollCommitted(offset);
        next != null;
        next = waiting.pollCommitted(offset)) {
      if (!next.isCancelled()) {
        next.appended(receipt(next.result()));
      }
    }
  }

  private AppendReceipt receipt(AppendResult result) {
    long end = result.lastOffset() + 1;
    int fsynced = state.followersFlushed(end) + (log.flushedOffset() >= end ? 1 : 0);
    return new AppendReceipt(
        result.baseOffset(),
        result.lastOffset(),
        state.replicasHolding(end),
        fsynced,
        result.duplicate(),
        status());
  }
}
