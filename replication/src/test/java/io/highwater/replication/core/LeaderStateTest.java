package io.highwater.replication.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.proto.InvariantViolation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LeaderStateTest {
  private static final int LEADER = 1;
  private static final long LAG_MS = 1_000;
  private static final long SILENCE_MS = 300;
  private static final long RETRY_MS = 100;

  private final Effects out = new Effects();
  private final Map<Integer, Long> silentSinceMs = new HashMap<>();
  private long nowMs = 50_000;

  /** Whoever is not silent talks all the time. */
  private long heard(int broker) {
    return silentSinceMs.getOrDefault(broker, nowMs);
  }

  private static PartitionAssignment assignment(int partitionEpoch, int minIsr, Integer... isr) {
    return new PartitionAssignment(
        List.of(1, 2, 3), List.of(isr), LEADER, 7, partitionEpoch, minIsr);
  }

  private LeaderState leader(long logEnd, long highWatermark, PartitionAssignment assignment) {
    return new LeaderState(
        LEADER,
        101,
        assignment,
        logEnd,
        highWatermark,
        new LeaderState.Patience(LAG_MS, SILENCE_MS, RETRY_MS),
        this::heard,
        HighWatermark.Quorum.MAXIMAL_ISR,
        nowMs);
  }

  private void follow(LeaderState leader, int follower, long end) {
    leader.followed(follower, 100 + follower, end, 0, nowMs, out.clear());
  }

  private void ack(LeaderState leader, int follower, long end) {
    leader.acked(follower, end, 0, nowMs, out.clear());
  }

  private void append(LeaderState leader, long end) {
    leader.appended(end, nowMs, out.clear());
  }

  private static List<Integer> ids(IsrProposal proposal) {
    return proposal.isr().stream().map(IsrProposal.Member::brokerId).toList();
  }

  @Test
  void highWatermarkIsTheLeastEndOfTheInSyncReplicas() {
    LeaderState leader = leader(0, 0, assignment(0, 2, 1, 2, 3));
    follow(leader, 2, 0);
    follow(leader, 3, 0);
    append(leader, 10);
    ack(leader, 2, 10);
    assertThat(leader.highWatermark()).isZero();
    ack(leader, 3, 4);
    assertThat(out.highWatermarkAdvanced()).isTrue();
    assertThat(leader.highWatermark()).isEqualTo(4);
  }

  @Test
  void whereOnlyWhatIsFlushedCountsTheHighWatermarkWaitsForEveryonesDisk() {
    LeaderState leader = leader(5, 0, assignment(0, 2, 1, 2));
    leader.countOnlyFlushed(3);
    leader.followed(2, 102, 5, 4, nowMs, out.clear());
    assertThat(leader.highWatermark()).as("the leader's own disk").isEqualTo(3);
    append(leader, 10);
    leader.flushed(10, out.clear());
    assertThat(leader.highWatermark()).as("the follower's disk").isEqualTo(4);
    leader.acked(2, 10, 6, nowMs, out.clear());
    assertThat(leader.highWatermark()).isEqualTo(6);
    assertThat(leader.replicasHolding(10)).isEqualTo(1);
    leader.acked(2, 10, 10, nowMs, out.clear());
    assertThat(leader.highWatermark()).isEqualTo(10);
    assertThat(leader.followersFlushed(10)).isEqualTo(1);
  }

  @Test
  void highWatermarkWaitsForEveryoneToBeHeardOfInThisEpoch() {
    LeaderState leader = leader(10, 4, assignment(0, 1, 1, 2, 3));
    follow(leader, 2, 10);
    assertThat(leader.highWatermark()).isEqualTo(4);
    assertThat(leader.knowsCommittedEnd()).isFalse();
    follow(leader, 3, 10);
    assertThat(leader.highWatermark()).isEqualTo(10);
    assertThat(leader.knowsCommittedEnd()).isTrue();
  }

  @Test
  void highWatermarkStandsStillBelowMinInsyncReplicas() {
    LeaderState leader = leader(0, 0, assignment(0, 2, 1));
    append(leader, 10);
    assertThat(leader.highWatermark()).isZero();
    assertThat(leader.hasEnoughReplicas()).isFalse();
  }

  @Test
  void aSingleReplicaCommitsByItself() {
    LeaderState leader =
        leader(0, 0, new PartitionAssignment(List.of(1), List.of(1), LEADER, 7, 0, 2));
    append(leader, 3);
    assertThat(leader.highWatermark()).isEqualTo(3);
  }

  /** REP-4: as after a crash, when the checkpoint of the high watermark is behind the log. */
  @Test
  void whereNobodyElseIsInSyncTheWholeLogIsCommittedFromTheBeginning() {
    LeaderState alone = leader(10, 3, assignment(0, 1, 1));
    alone.began(out.clear());
    assertThat(out.highWatermarkAdvanced()).isTrue();
    assertThat(alone.highWatermark()).isEqualTo(10);
    assertThat(alone.knowsCommittedEnd()).isTrue();

    LeaderState belowMinInsync = leader(10, 3, assignment(0, 2, 1));
    belowMinInsync.began(out.clear());
    assertThat(belowMinInsync.highWatermark()).isEqualTo(3);
    LeaderState withOthers = leader(10, 3, assignment(0, 1, 1, 2));
    withOthers.began(out.clear());
    assertThat(withOthers.highWatermark()).isEqualTo(3);
  }

  @Test
  void highWatermarkNeverFallsWhenAFollowerBeginsAgainLower() {
    LeaderState leader = leader(0, 0, assignment(0, 2, 1, 2));
    follow(leader, 2, 0);
    append(leader, 10);
    ack(leader, 2, 10);
    follow(leader, 2, 3);
    assertThat(leader.highWatermark()).isEqualTo(10);
    assertThat(leader.replicasHolding(10)).isEqualTo(1);
  }

  @Test
  void aFollowerThatCaughtUpIsProposedWithItsRegistration() {
    LeaderState leader = leader(10, 10, assignment(4, 1, 1));
    follow(leader, 2, 9);
    assertThat(out.isrProposal()).isNull();
    ack(leader, 2, 10);
    assertThat(out.isrProposal())
        .isEqualTo(
            new IsrProposal(
                7,
                4,
                List.of(new IsrProposal.Member(1, 101), new IsrProposal.Member(2, 102)),
                List.of(),
                List.of()));
  }

  @Test
  void toJoinTheEpochStartMustBeReachedToo() {
    LeaderState leader = leader(10, 4, assignment(0, 2, 1, 2));
    follow(leader, 3, 6);
    assertThat(out.isrProposal()).isNull();
    ack(leader, 3, 10);
    assertThat(ids(out.isrProposal())).containsExactly(1, 2, 3);
  }

  @Test
  void whoeverDiedIsNotProposedThoughItHadCaughtUp() {
    LeaderState leader = leader(10, 10, assignment(0, 2, 1, 2, 3));
    follow(leader, 2, 10);
    follow(leader, 3, 10);
    leader.unfollowed(3);
    leader.committed(assignment(1, 2, 1, 2), nowMs, out.clear());
    assertThat(out.isrProposal()).isNull();
    leader.tick(nowMs + RETRY_MS, out.clear());
    assertThat(out.isrProposal()).isNull();
    append(leader, 20);
    ack(leader, 2, 20);
    assertThat(leader.highWatermark()).isEqualTo(20);
    follow(leader, 3, 20);
    assertThat(ids(out.isrProposal())).containsExactly(1, 2, 3);
  }

  @Test
  void aProposedMemberCountsBeforeItIsCommitted() {
    LeaderState leader = leader(0, 0, assignment(0, 1, 1));
    follow(leader, 2, 0);
    assertThat(out.isrProposal()).isNotNull();
    append(leader, 10);
    assertThat(leader.highWatermark()).isZero();
    ack(leader, 2, 10);
    assertThat(leader.highWatermark()).isEqualTo(10);
  }

  @Test
  void aRejectedMemberCountsNoMore() {
    LeaderState leader = leader(0, 0, assignment(0, 1, 1));
    follow(leader, 2, 0);
    IsrProposal proposal = out.isrProposal();
    append(leader, 10);
    leader.outcome(proposal, ProposalOutcome.REJECTED, nowMs, out.clear());
    assertThat(leader.highWatermark()).isEqualTo(10);
    assertThat(leader.inSync().maximal()).containsExactly(1);
  }

  @Test
  void anUnknownOutcomeKeepsTheMemberAndIsTriedAgain() {
    LeaderState leader = leader(0, 0, assignment(0, 1, 1));
    follow(leader, 2, 0);
    IsrProposal proposal = out.isrProposal();
    append(leader, 10);
    leader.outcome(proposal, ProposalOutcome.UNKNOWN, nowMs, out.clear());
    assertThat(leader.highWatermark()).isZero();
    nowMs += RETRY_MS;
    leader.tick(nowMs, out.clear());
    assertThat(out.isrProposal()).isEqualTo(proposal);
  }

  @Test
  void aRejectionAfterAnUnknownOutcomeIsMadeVoidByCommittingTheSetAsItIs() {
    LeaderState leader = leader(0, 0, assignment(0, 1, 1));
    follow(leader, 2, 0);
    IsrProposal proposal = out.isrProposal();
    append(leader, 10);
    leader.outcome(proposal, ProposalOutcome.UNKNOWN, nowMs, out.clear());
    nowMs += RETRY_MS;
    leader.tick(nowMs, out.clear());
    leader.outcome(proposal, ProposalOutcome.REJECTED, nowMs, out.clear());
    assertThat(leader.highWatermark()).as("the first try may still be accepted").isZero();
    nowMs += RETRY_MS;
    leader.tick(nowMs, out.clear());
    assertThat(ids(out.isrProposal())).containsExactly(1);
    leader.committed(assignment(1, 1, 1), nowMs, out.clear());
    assertThat(leader.highWatermark()).isEqualTo(10);
  }

  @Test
  void aLaggingFollowerIsStillWaitedForUntilItsRemovalIsCommitted() {
    LeaderState leader = leader(0, 0, assignment(0, 1, 1, 2));
    follow(leader, 2, 0);
    append(leader, 10);
    nowMs += LAG_MS - 1;
    leader.tick(nowMs, out.clear());
    assertThat(out.isrProposal()).isNull();
    nowMs += 1;
    leader.tick(nowMs, out.clear());
    assertThat(ids(out.isrProposal())).containsExactly(1);
    assertThat(out.isrProposal().silent()).isEmpty();
    assertThat(leader.highWatermark()).isZero();
    leader.committed(assignment(1, 1, 1), nowMs, out.clear());
    assertThat(leader.highWatermark()).isEqualTo(10);
  }

  @Test
  void aFollowerOfWhichNothingIsHeardLeavesLongBeforeOneThatLags() {
    LeaderState leader = leader(0, 0, assignment(0, 1, 1, 2, 3));
    follow(leader, 2, 0);
    follow(leader, 3, 0);
    silentSinceMs.put(2, nowMs);
    append(leader, 10);
    nowMs += SILENCE_MS - 1;
    leader.tick(nowMs, out.clear());
    assertThat(out.isrProposal()).isNull();
    nowMs += 1;
    leader.tick(nowMs, out.clear());
    assertThat(ids(out.isrProposal())).as("3 lags, but talks").containsExactly(1, 3);
    assertThat(out.isrProposal().silent()).containsExactly(2);
    ack(leader, 3, 10);
    assertThat(leader.highWatermark()).as("ISR-1: until that is committed").isZero();
    leader.committed(assignment(1, 1, 1, 3), nowMs, out.clear());
    assertThat(leader.highWatermark()).isEqualTo(10);
  }

  /** Claims about the end wait for it as appends do (FEN-2). */
  @Test
  void aSilentFollowerLeavesEvenIfItHasEverything() {
    LeaderState leader = leader(5, 5, assignment(0, 1, 1, 2));
    follow(leader, 2, 5);
    silentSinceMs.put(2, nowMs);
    nowMs += SILENCE_MS;
    leader.tick(nowMs, out.clear());
    assertThat(ids(out.isrProposal())).containsExactly(1);
  }

  @Test
  void whoeverWasSilentJoinsAgainOnceItIsHeardAndHasCaughtUp() {
    LeaderState leader = leader(5, 5, assignment(0, 2, 1, 2, 3));
    follow(leader, 2, 5);
    follow(leader, 3, 5);
    silentSinceMs.put(3, nowMs);
    nowMs += SILENCE_MS;
    leader.committed(assignment(1, 2, 1, 2), nowMs, out.clear());
    leader.tick(nowMs, out.clear());
    assertThat(out.isrProposal()).as("its stream is up, and says nothing").isNull();

    append(leader, 10);
    ack(leader, 2, 10);
    silentSinceMs.clear();
    leader.tick(nowMs, out.clear());
    assertThat(out.isrProposal()).as("it lacks what was committed meanwhile").isNull();
    ack(leader, 3, 10);
    assertThat(ids(out.isrProposal())).containsExactly(1, 2, 3);
  }

  @Test
  void aLeaderIsCutOffWhenASilentFollowerIsNotLetGoInTime() {
    LeaderState leader = leader(5, 5, assignment(0, 2, 1, 2, 3));
    follow(leader, 2, 5);
    follow(leader, 3, 5);
    silentSinceMs.put(3, nowMs);
    nowMs += SILENCE_MS + RETRY_MS - 1;
    assertThat(leader.isCutOff(nowMs)).isFalse();
    nowMs += 1;
    assertThat(leader.isCutOff(nowMs)).isTrue();
    leader.committed(assignment(1, 2, 1, 2), nowMs, out.clear());
    assertThat(leader.isCutOff(nowMs)).as("nobody waits for 3 any more").isFalse();
  }

  /** ISR-1: it may be in sync already, so the high watermark waits for it. */
  @Test
  void aSilentFollowerThatMayHaveJoinedCutsOffToo() {
    LeaderState leader = leader(5, 5, assignment(0, 1, 1, 2));
    follow(leader, 2, 5);
    follow(leader, 3, 5);
    assertThat(ids(out.isrProposal())).containsExactly(1, 2, 3);
    silentSinceMs.put(3, nowMs);
    nowMs += SILENCE_MS + RETRY_MS;
    assertThat(leader.isCutOff(nowMs)).isTrue();
  }

  /** CTL-3: whom it need not hear does not matter. */
  @Test
  void aLeaderAloneInSyncIsNeverCutOff() {
    LeaderState leader = leader(5, 5, assignment(0, 1, 1));
    silentSinceMs.put(2, Hearing.NEVER);
    silentSinceMs.put(3, Hearing.NEVER);
    nowMs += 100 * SILENCE_MS;
    assertThat(leader.isCutOff(nowMs)).isFalse();
  }

  @Test
  void aNewLeaderGivesItsFollowersTimeToCome() {
    silentSinceMs.put(2, Hearing.NEVER);
    LeaderState leader = leader(0, 0, assignment(0, 1, 1, 2));
    nowMs += SILENCE_MS - 1;
    leader.tick(nowMs, out.clear());
    assertThat(out.isrProposal()).isNull();
    nowMs += 1;
    leader.tick(nowMs, out.clear());
    assertThat(ids(out.isrProposal())).containsExactly(1);
  }

  @Test
  void aLeaderThatHearsOfNobodyStaysAloneAndCommitsNothingBelowTheMinimum() {
    LeaderState leader = leader(0, 0, assignment(0, 2, 1, 2, 3));
    follow(leader, 2, 0);
    follow(leader, 3, 0);
    silentSinceMs.put(2, nowMs);
    silentSinceMs.put(3, nowMs);
    append(leader, 10);
    nowMs += SILENCE_MS;
    leader.tick(nowMs, out.clear());
    assertThat(ids(out.isrProposal())).containsExactly(1);
    leader.committed(assignment(1, 2, 1), nowMs, out.clear());
    assertThat(leader.hasEnoughReplicas()).isFalse();
    assertThat(leader.highWatermark()).isZero();
  }

  @Test
  void aFollowerThatKeepsUpWithALeaderThatNeverRestsDoesNotLag() {
    LeaderState leader = leader(0, 0, assignment(0, 1, 1, 2));
    follow(leader, 2, 0);
    for (int end = 1; end < 100; end++) {
      append(leader, end);
      nowMs += LAG_MS / 2;
      // Always one behind, but with everything that the leader had at the last acknowledgement.
      ack(leader, 2, end - 1);
      leader.tick(nowMs, out.clear());
      assertThat(out.isrProposal()).isNull();
    }
  }

  @Test
  void anIdleFollowerThatHasEverythingDoesNotLag() {
    LeaderState leader = leader(5, 5, assignment(0, 1, 1, 2));
    follow(leader, 2, 5);
    nowMs += 100 * LAG_MS;
    leader.tick(nowMs, out.clear());
    assertThat(out.isrProposal()).isNull();
    append(leader, 6);
    leader.tick(nowMs, out.clear());
    assertThat(out.isrProposal()).isNull();
  }

  @Test
  void aMemberThatNeverFollowsLeaves() {
    LeaderState leader = leader(0, 0, assignment(0, 1, 1, 2));
    nowMs += LAG_MS;
    leader.tick(nowMs, out.clear());
    assertThat(ids(out.isrProposal())).containsExactly(1);
  }

  @Test
  void whoseDiskIsFullIsNamedByWhoeverLetsItGo() {
    LeaderState leader = leader(0, 0, assignment(0, 1, 1, 2, 3));
    follow(leader, 2, 0);
    follow(leader, 3, 0);
    leader.followerLacksSpace(3, true);
    leader.tick(nowMs, out.clear());
    assertThat(ids(out.isrProposal())).containsExactly(1, 2);
    assertThat(out.isrProposal().full()).containsExactly(3);

    leader = leader(0, 0, assignment(0, 1, 1, 2, 3));
    follow(leader, 2, 0);
    follow(leader, 3, 0);
    leader.leaderLacksSpace(true);
    leader.tick(nowMs, out.clear());
    assertThat(ids(out.isrProposal())).containsExactly(2, 3);
    assertThat(out.isrProposal().full()).containsExactly(1);
  }

  @Test
  void oneProposalIsOpenAtATime() {
    LeaderState leader = leader(0, 0, assignment(0, 1, 1));
    follow(leader, 2, 0);
    IsrProposal first = out.isrProposal();
    follow(leader, 3, 0);
    assertThat(out.isrProposal()).isNull();
    leader.outcome(first, ProposalOutcome.ACCEPTED, nowMs, out.clear());
    leader.tick(nowMs, out.clear());
    assertThat(out.isrProposal()).isNull();
    leader.committed(assignment(1, 1, 1, 2), nowMs, out.clear());
    assertThat(ids(out.isrProposal())).containsExactly(1, 2, 3);
  }

  @Test
  void anAssignmentOfAnotherEpochIsRefused() {
    LeaderState leader = leader(0, 0, assignment(0, 1, 1));
    PartitionAssignment other =
        new PartitionAssignment(List.of(1, 2, 3), List.of(1), LEADER, 8, 1, 1);
    assertThatThrownBy(() -> leader.committed(other, nowMs, out))
        .isInstanceOf(InvariantViolation.class);
  }

  @Test
  void receiptsCountReplicasAndDisks() {
    LeaderState leader = leader(0, 0, assignment(0, 1, 1, 2, 3));
    follow(leader, 2, 0);
    follow(leader, 3, 0);
    append(leader, 10);
    leader.acked(2, 10, 10, nowMs, out.clear());
    leader.acked(3, 10, 5, nowMs, out.clear());
    assertThat(leader.replicasHolding(10)).isEqualTo(3);
    assertThat(leader.followersFlushed(10)).isEqualTo(1);
  }
}
