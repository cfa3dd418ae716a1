package io.highwater.replication.core;

import io.highwater.proto.Invariant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * One leader epoch of one partition, as its leader sees it: who follows how far, who is in sync,
 * what is committed. Ends with the epoch; the next one starts afresh.
 *
 * <pre>
 *   append ----+
 *   follow ----+--> progress --> high watermark = min(log ends of the maximal ISR)   (REP-3)
 *   ack -------+          \----> proposals: who caught up joins,                    (ISR-1, ISR-3)
 *   hearing ---+           |      who lags or is silent leaves
 *   image -----+--> committed ISR -^
 *   outcome ---+
 *   tick ------+
 * </pre>
 */
public final class LeaderState {
  /**
   * How patient a leader is.
   *
   * @param lagTimeMaxMs a follower that was not caught up for this long leaves the in-sync set
   *     ({@code replica.lag.time.max.ms})
   * @param silenceMaxMs a follower whose broker was not heard of at all for this long leaves it
   *     whatever it has: it may be dead ({@code broker.session.timeout.ms})
   * @param proposalRetryMs pause before a refused or unanswered proposal is made again; by then one
   *     is answered when the control plane is there
   */
  public record Patience(long lagTimeMaxMs, long silenceMaxMs, long proposalRetryMs) {}

  /** Who gives way when a follower holds something else than its leader (REP-9). */
  public enum Dissent {
    /** The follower's log is not to be used. */
    FOLLOWER_YIELDS,
    /** The leader's is not. */
    LEADER_YIELDS,
    /** Not known before others are heard, or the follower leaves the in-sync set. */
    UNDECIDED
  }

  private final int brokerId;
  private final long brokerEpoch;
  private final int leaderEpoch;
  private final long epochStartOffset;
  private final Patience patience;
  private final Hearing hearing;
  private final HighWatermark.Quorum quorum;
  private final HighWatermark highWatermark;
  private final InSyncSet inSync;
  private final IsrProposals proposals;
  private final List<ReplicaProgress> followers = new ArrayList<>();
  private final Disagreement disagreement = new Disagreement();
  private int minInsyncReplicas;
  private long logEndOffset;
  private boolean countsOnlyFlushed;
  private long flushedOffset;
  private boolean lacksSpace;

  /**
   * Begins an epoch.
   *
   * @param brokerId the leader
   * @param brokerEpoch its registration
   * @param assignment names this broker as leader
   * @param logEndOffset where its log ends: the epoch's start offset
   * @param highWatermark what it knows to be committed
   * @param hearing when the followers' brokers were last heard of
   */
  public LeaderState(
      int brokerId,
      long brokerEpoch,
      PartitionAssignment assignment,
      long logEndOffset,
      long highWatermark,
      Patience patience,
      Hearing hearing,
      HighWatermark.Quorum quorum,
      long nowMs) {
    Invariant.check(
        assignment.leader() == brokerId, "LEP-1: leads only when chosen", assignment.leader());
    this.brokerId = brokerId;
    this.brokerEpoch = brokerEpoch;
    this.leaderEpoch = assignment.leaderEpoch();
    this.epochStartOffset = logEndOffset;
    this.logEndOffset = logEndOffset;
    this.patience = patience;
    this.hearing = hearing;
    this.quorum = quorum;
    this.highWatermark = new HighWatermark(highWatermark);
    this.inSync = new InSyncSet(assignment.isr(), assignment.partitionEpoch());
    this.proposals = new IsrProposals(patience.proposalRetryMs());
    this.minInsyncReplicas = assignment.minInsyncReplicas();
    admit(assignment.replicas(), nowMs);
  }

  /**
   * From the beginning of the epoch on, only what is flushed counts for the high watermark, of the
   * leader and of each follower (REP-7).
   *
   * @param flushed end of what the leader has flushed
   */
  public void countOnlyFlushed(long flushed) {
    countsOnlyFlushed = true;
    flushedOffset = flushed;
  }

  /**
   * The epoch begins: where nobody else has to be heard of, all that the leader holds is committed.
   */
  public void began(Effects out) {
    advance(out);
  }

  /** The epoch that this is about. */
  public int leaderEpoch() {
    return leaderEpoch;
  }

  /** Exclusive; rises only (REP-4). */
  public long highWatermark() {
    return highWatermark.offset();
  }

  /** The leader's log end. */
  public long logEndOffset() {
    return logEndOffset;
  }

  /** Who is in sync. */
  public InSyncSet inSync() {
    return inSync;
  }

  /** Whether the committed in-sync set is large enough for acks=all and for the high watermark. */
  public boolean hasEnoughReplicas() {
    return inSync.committedSize() >= minInsyncReplicas;
  }

  /**
   * Whether nothing can be committed as things are: somebody whose log end the high watermark waits
   * for is silent, and the control plane, asked to let him go, had time to answer and did not. A
   * leader that hears all of these goes on, whether or not it hears the control plane (CTL-3).
   */
  public boolean isCutOff(long nowMs) {
    for (ReplicaProgress progress : followers) {
      if (quorum.counts(inSync, progress.brokerId())
          && isSilent(progress, nowMs - patience.proposalRetryMs())) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether the high watermark is known to include all that earlier epochs committed. Until then a
   * leader makes no claim about where the committed log ends (REP-4).
   */
  public boolean knowsCommittedEnd() {
    return highWatermark.offset() >= epochStartOffset;
  }

  /** Progress of a follower, or null when the broker is not a replica. */
  public ReplicaProgress progress(int follower) {
    for (ReplicaProgress progress : followers) {
      if (progress.brokerId() == follower) {
        return progress;
      }
    }
    return null;
  }

  /** The brokers of the other replicas. */
  public List<Integer> followers() {
    List<Integer> ids = new ArrayList<>(followers.size());
    for (ReplicaProgress progress : followers) {
      ids.add(progress.brokerId());
    }
    return ids;
  }

  /** What a follower holds was compared and found to be the leader's. */
  public void agreed(int follower) {
    disagreement.agrees(follower);
  }

  /** What a follower holds was compared and found to be something else. */
  public Dissent differed(int follower) {
    return disagreement.differs(follower, inSync, 1 + followers.size());
  }

  /** Replicas known to hold everything below an offset, the leader included. */
  public int replicasHolding(long endOffset) {
    int count = logEndOffset >= endOffset ? 1 : 0;
    for (ReplicaProgress progress : followers) {
      count += progress.logEndOffset() >= endOffset ? 1 : 0;
    }
    return count;
  }

  /** Followers known to have fsynced everything below an offset. */
  public int followersFlushed(long endOffset) {
    int count = 0;
    for (ReplicaProgress progress : followers) {
      count += progress.flushedOffset() >= endOffset ? 1 : 0;
    }
    return count;
  }

  /** Whether the leader's own disk takes no appends now; acted upon by the next tick. */
  public void leaderLacksSpace(boolean lacks) {
    lacksSpace = lacks;
  }

  /** The same of a follower's, as it says; acted upon by its acknowledgement. */
  public void followerLacksSpace(int follower, boolean lacks) {
    ReplicaProgress progress = progress(follower);
    if (progress != null) {
      progress.lacksSpace(lacks);
    }
  }

  /** The leader's own log grew. */
  public void appended(long newLogEndOffset, long nowMs, Effects out) {
    Invariant.check(
        newLogEndOffset >= logEndOffset,
        "LEP-2: a leader's log only grows",
        newLogEndOffset,
        logEndOffset);
    for (ReplicaProgress progress : followers) {
      progress.leaderAppends(logEndOffset, nowMs);
    }
    logEndOffset = newLogEndOffset;
    advance(out);
  }

  /** The leader's own log is on its disk up to {@code offset}. */
  public void flushed(long offset, Effects out) {
    flushedOffset = Math.max(flushedOffset, Math.min(offset, logEndOffset));
    advance(out);
  }

  /** What a replica would still have after a power loss, where that is what counts. */
  private long held(long end, long flushed) {
    return countsOnlyFlushed ? Math.min(end, flushed) : end;
  }

  /**
   * A follower's log was found to match the leader's up to its end, in this epoch.
   *
   * @param registration broker epoch of the follower
   */
  public void followed(
      int follower, long registration, long end, long flushed, long nowMs, Effects out) {
    ReplicaProgress progress = progress(follower);
    Invariant.check(progress != null, "only replicas follow", follower);
    progress.followed(registration, held(end, flushed), flushed, logEndOffset, nowMs);
    progressed(progress, nowMs, out);
  }

  /** A follower acknowledged an append on a stream on which it follows in this epoch. */
  public void acked(int follower, long end, long flushed, long nowMs, Effects out) {
    ReplicaProgress progress = progress(follower);
    if (progress == null) {
      return;
    }
    Invariant.check(
        end <= logEndOffset, "a follower has at most the leader's log", end, logEndOffset);
    progress.acked(held(end, flushed), flushed, logEndOffset, nowMs);
    progressed(progress, nowMs, out);
  }

  /** A follower confirmed on a stream of this epoch that it still follows (FEN-2). */
  public void confirmed(int follower, long round) {
    ReplicaProgress progress = progress(follower);
    if (progress != null) {
      progress.confirmed(round);
    }
  }

  /**
   * The newest round that all who are or may be in sync have confirmed; unbounded when the leader
   * is alone. Whom a proposal may have added counts, too: it may lead already. None below
   * min.insync.replicas, where someone outside the set may have been elected (KIP-966).
   */
  public long confirmedRound() {
    if (!hasEnoughReplicas()) {
      return RecencyRounds.NONE;
    }
    long least = Long.MAX_VALUE;
    for (ReplicaProgress progress : followers) {
      if (inSync.isInMaximal(progress.brokerId())) {
        least = Math.min(least, progress.confirmedRound());
      }
    }
    return least;
  }

  /** A follower's stream ended: until it follows again it is nobody to propose. */
  public void unfollowed(int follower) {
    ReplicaProgress progress = progress(follower);
    if (progress != null) {
      progress.unfollowed();
    }
  }

  /** The control plane committed a newer assignment of the same leader epoch. */
  public void committed(PartitionAssignment assignment, long nowMs, Effects out) {
    Invariant.check(
        assignment.leaderEpoch() == leaderEpoch,
        "one leader state is one epoch",
        assignment.leaderEpoch(),
        leaderEpoch);
    minInsyncReplicas = assignment.minInsyncReplicas();
    if (assignment.partitionEpoch() > inSync.partitionEpoch()) {
      inSync.commit(assignment.isr(), assignment.partitionEpoch());
      proposals.decided();
      followers.removeIf(progress -> !assignment.replicas().contains(progress.brokerId()));
      admit(assignment.replicas(), nowMs);
    }
    advance(out);
    proposeIfDue(nowMs, out);
  }

  /** A proposal ended. */
  public void outcome(IsrProposal proposal, ProposalOutcome outcome, long nowMs, Effects out) {
    switch (outcome) {
      case ACCEPTED -> proposals.accepted(proposal);
      case REJECTED -> rejected(proposal, nowMs);
      case UNKNOWN -> proposals.outcomeUnknown(proposal, nowMs);
    }
    advance(out);
  }

  /** Time passed: followers may lag or be silent too long, proposals may be due again. */
  public void tick(long nowMs, Effects out) {
    IsrProposal again = proposals.retry(nowMs);
    if (again != null) {
      out.propose(again);
    } else {
      proposeIfDue(nowMs, out);
    }
  }

  private void progressed(ReplicaProgress progress, long nowMs, Effects out) {
    advance(out);
    if (progress.lacksSpace() || mayJoin(progress, nowMs)) {
      proposeIfDue(nowMs, out);
    }
  }

  /** REP-3: the least log end among all that are or may be in sync, each heard of in this epoch. */
  private void advance(Effects out) {
    if (!hasEnoughReplicas()) {
      return;
    }
    long least = held(logEndOffset, flushedOffset);
    for (ReplicaProgress progress : followers) {
      if (quorum.counts(inSync, progress.brokerId())) {
        least = Math.min(least, progress.logEndOffset());
      }
    }
    if (highWatermark.advance(least, logEndOffset)) {
      out.advanceHighWatermark();
    }
  }

  private void rejected(IsrProposal proposal, long nowMs) {
    boolean isOpen = proposal.equals(proposals.open());
    if (proposals.rejected(proposal, nowMs)) {
      inSync.noneOpen();
    } else if (isOpen) {
      // An earlier try may still be under way; committing the set as it is makes it void.
      proposals.instead(
          new IsrProposal(
              leaderEpoch,
              inSync.partitionEpoch(),
              members(inSync::isCommitted),
              List.of(),
              List.of()));
    }
  }

  /**
   * ISR-3: follows in this epoch, and is at the high watermark and the epoch's start at least.
   * Whoever died or is cut off had reached both, too, and would be proposed, and waited for, in
   * vain.
   */
  private boolean mayJoin(ReplicaProgress progress, long nowMs) {
    return progress.isFollowing()
        && !isSilent(progress, nowMs)
        && !progress.lacksSpace()
        && progress.logEndOffset() >= Math.max(highWatermark.offset(), epochStartOffset)
        && !inSync.isInMaximal(progress.brokerId());
  }

  private boolean belongs(ReplicaProgress progress, long nowMs) {
    return inSync.isCommitted(progress.brokerId())
        ? !isSilent(progress, nowMs)
            && !progress.lagsSince(nowMs - patience.lagTimeMaxMs(), logEndOffset)
        : mayJoin(progress, nowMs);
  }

  private boolean isSilent(ReplicaProgress progress, long nowMs) {
    long heardMs = Math.max(progress.sinceMs(), hearing.lastHeardMs(progress.brokerId()));
    return heardMs <= nowMs - patience.silenceMaxMs();
  }

  private void proposeIfDue(long nowMs, Effects out) {
    if (!proposals.idle(nowMs)) {
      return;
    }
    List<IsrProposal.Member> successors = successors(nowMs);
    if (lacksSpace && successors.size() >= minInsyncReplicas) {
      propose(successors, nowMs, out);
      return;
    }
    // ISR-7: nothing is gained without those on full disks where too few are left.
    boolean withoutFull = !lacksSpace && 1 + successors.size() >= minInsyncReplicas;
    IntPredicate stays =
        id -> belongs(progress(id), nowMs) && !(withoutFull && progress(id).lacksSpace());
    boolean changes = false;
    for (ReplicaProgress progress : followers) {
      changes |= stays.test(progress.brokerId()) != inSync.isCommitted(progress.brokerId());
    }
    if (changes) {
      propose(members(stays), nowMs, out);
    }
  }

  private void propose(List<IsrProposal.Member> isr, long nowMs, Effects out) {
    IsrProposal proposal =
        proposals.propose(
            new IsrProposal(
                leaderEpoch, inSync.partitionEpoch(), isr, silentMembers(nowMs), fullMembers(isr)));
    inSync.maybeCommitted(proposal.isr());
    out.propose(proposal);
  }

  /** ISR-7: who is in sync and could go on without a leader whose disk is full. */
  private List<IsrProposal.Member> successors(long nowMs) {
    return followersWhere(
        id -> inSync.isCommitted(id) && belongs(progress(id), nowMs) && !progress(id).lacksSpace());
  }

  private List<Integer> silentMembers(long nowMs) {
    List<Integer> silent = new ArrayList<>();
    for (ReplicaProgress progress : followers) {
      if (inSync.isCommitted(progress.brokerId()) && isSilent(progress, nowMs)) {
        silent.add(progress.brokerId());
      }
    }
    return silent;
  }

  private List<Integer> fullMembers(List<IsrProposal.Member> staying) {
    List<Integer> full = new ArrayList<>();
    if (lacksSpace && !isAmong(staying, brokerId)) {
      full.add(brokerId);
    }
    for (ReplicaProgress progress : followers) {
      int id = progress.brokerId();
      if (progress.lacksSpace() && inSync.isCommitted(id) && !isAmong(staying, id)) {
        full.add(id);
      }
    }
    return full;
  }

  private static boolean isAmong(List<IsrProposal.Member> members, int id) {
    for (IsrProposal.Member member : members) {
      if (member.brokerId() == id) {
        return true;
      }
    }
    return false;
  }

  private List<IsrProposal.Member> members(IntPredicate belongs) {
    List<IsrProposal.Member> members = new ArrayList<>();
    members.add(new IsrProposal.Member(brokerId, brokerEpoch));
    members.addAll(followersWhere(belongs));
    return members;
  }

  private List<IsrProposal.Member> followersWhere(IntPredicate belongs) {
    List<IsrProposal.Member> members = new ArrayList<>();
    for (ReplicaProgress progress : followers) {
      if (belongs.test(progress.brokerId())) {
        members.add(new IsrProposal.Member(progress.brokerId(), progress.brokerEpoch()));
      }
    }
    return members;
  }

  private void admit(List<Integer> replicas, long nowMs) {
    for (int replica : replicas) {
      if (replica != brokerId && progress(replica) == null) {
        followers.add(new ReplicaProgress(replica, nowMs));
      }
    }
  }
}
