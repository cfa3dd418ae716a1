package io.highwater.replication.leader;

import static io.highwater.replication.leader.LeaderFixture.EPOCH;
import static io.highwater.replication.leader.LeaderFixture.partition;
import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.Batches;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.AppendListener;
import io.highwater.replication.AppendReceipt;
import io.highwater.replication.core.RecencyRounds;
import io.highwater.replication.transport.Follow;
import io.highwater.replication.transport.FollowerAck;
import io.highwater.replication.transport.FollowerLinkListener;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** FEN-2: what a leader claims about its end is confirmed by all in-sync replicas afterwards. */
class LeaderRecencyTest {
  private static final long NONE = RecencyRounds.NONE;

  private final LeaderFixture leader = new LeaderFixture();
  private final RecordedLink link2 = new RecordedLink();
  private final RecordedLink link3 = new RecordedLink();
  private final Leadership led = leader.lead(0, 2, 1, 2, 3);
  private final FollowerLinkListener follower2 = follow(link2, 2);
  private final FollowerLinkListener follower3 = follow(link3, 3);

  private FollowerLinkListener follow(RecordedLink link, int broker) {
    FollowerLinkListener follower = leader.accept(link, broker, 1);
    follower.onFollow(new Follow(partition(0), EPOCH, 0, -1, 0, 0, null, false));
    follower.onCredit(1 << 20);
    return follower;
  }

  private static void ack(FollowerLinkListener follower, long end, long round) {
    follower.onAck(new FollowerAck(partition(0), EPOCH, end, 0, round));
  }

  private CompletableFuture<Long> claim() {
    CompletableFuture<Long> claim = led.confirmedEnd(leader.loop.nowMs());
    leader.loop.turn();
    return claim;
  }

  private static ErrorCode failure(CompletableFuture<Long> claim) {
    assertThat(claim).isCompletedExceptionally();
    try {
      claim.join();
      return ErrorCode.NONE;
    } catch (CompletionException e) {
      return ((HighwaterException) e.getCause()).code();
    }
  }

  @Test
  void everyInSyncReplicaConfirmsAnEndBeforeItIsTold() {
    CompletableFuture<Long> end = claim();
    assertThat(link2.lastRound()).isEqualTo(1);
    assertThat(link3.lastRound()).isEqualTo(1);

    ack(follower2, 0, 1);
    assertThat(end).isNotDone();
    ack(follower3, 0, NONE);
    assertThat(end).isNotDone();
    ack(follower3, 0, 1);
    assertThat(end).isCompletedWithValue(0L);
  }

  @Test
  void aConfirmationFromBeforeTheClaimDoesNotCount() {
    CompletableFuture<Long> first = claim();
    CompletableFuture<Long> second = claim();
    assertThat(link2.lastRound()).isEqualTo(2);
    ack(follower2, 0, 1);
    ack(follower3, 0, 2);
    assertThat(first).isDone();
    assertThat(second).isNotDone();
    ack(follower2, 0, 2);
    assertThat(second).isDone();
  }

  @Test
  void aRoundTravelsWithTheRecordsOfItsTurn() {
    leader.loop.turn();
    int before = link2.pushCount();
    led.append(
        Batches.produced(7, 0, 0, "a"),
        false,
        Acks.NONE,
        new AppendListener() {
          @Override
          public void onAppended(AppendReceipt receipt) {}

          @Override
          public void onFailed(ErrorCode error, boolean maybeAppended, String text) {}
        },
        leader.loop.nowMs());
    CompletableFuture<Long> end = claim();
    assertThat(link2.pushCount()).isEqualTo(before + 1);

    ack(follower2, 1, 1);
    ack(follower3, 1, 1);
    assertThat(end).isCompletedWithValue(1L);
  }

  @Test
  void aFollowerThatComesBackIsAskedAgain() {
    CompletableFuture<Long> end = claim();
    ack(follower3, 0, 1);
    follower2.onFollow(new Follow(partition(0), EPOCH, 0, -1, 0, 0, null, false));
    assertThat(link2.lastRound()).isEqualTo(1);
    ack(follower2, 0, 1);
    assertThat(end).isDone();
  }

  @Test
  void aLeaderWithoutItsFollowersGivesUpInTime() {
    CompletableFuture<Long> end = claim();
    ack(follower2, 0, 1);
    led.tick(leader.loop.nowMs() + 60_000);
    assertThat(failure(end)).isEqualTo(ErrorCode.OFFSET_NOT_AVAILABLE);
  }

  @Test
  void theEndOfTheEpochEndsItsClaims() {
    CompletableFuture<Long> end = claim();
    led.end();
    assertThat(failure(end)).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
  }

  @Test
  void whoeverIsAloneInSyncAnswersAtOnce() {
    assertThat(leader.lead(1, 1, 1).confirmedEnd(0)).isCompletedWithValue(0L);
  }

  /** An eligible replica outside the set may have been elected and have committed more. */
  @Test
  void belowTheMinimumOfInSyncReplicasNobodyCanConfirm() {
    led.committed(LeaderFixture.assignment(1, 2, 1), leader.loop.nowMs());
    CompletableFuture<Long> end = claim();
    assertThat(end).isNotDone();
    led.committed(LeaderFixture.assignment(2, 2, 1, 2, 3), leader.loop.nowMs());
    ack(follower2, 0, 1);
    ack(follower3, 0, 1);
    assertThat(end).isCompletedWithValue(0L);
  }
}
