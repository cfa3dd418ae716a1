package io.highwater.replication.leader;

import static io.highwater.replication.leader.LeaderFixture.EPOCH;
import static io.highwater.replication.leader.LeaderFixture.partition;
import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.Batches;
import io.highwater.log.LogConfig;
import io.highwater.log.compact.CompactionConfig;
import io.highwater.log.read.RangeHash;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.AppendListener;
import io.highwater.replication.AppendReceipt;
import io.highwater.replication.DifferentContentException;
import io.highwater.replication.transport.Follow;
import io.highwater.replication.transport.FollowerAck;
import io.highwater.replication.transport.FollowerLinkListener;
import io.highwater.replication.transport.HashAnswer;
import io.highwater.replication.transport.HashQuestion;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** REP-10: brokers 2 and 3 follow broker 1 and are asked what they hold. */
class RangeComparisonTest {
  private static final AppendListener IGNORED =
      new AppendListener() {
        @Override
        public void onAppended(AppendReceipt receipt) {}

        @Override
        public void onFailed(ErrorCode error, boolean maybeAppended, String text) {
          throw new AssertionError(error + " " + text);
        }
      };

  private static final String DIFFERS = "differs below 2";

  private final LeaderFixture leader = new LeaderFixture();
  private final RecordedLink second = new RecordedLink();
  private final RecordedLink third = new RecordedLink();
  private Leadership led;
  private FollowerLinkListener fromSecond;
  private FollowerLinkListener fromThird;

  @BeforeEach
  void bothFollow() {
    led = leader.lead(0, 1, 1, 2, 3);
    fromSecond = leader.accept(second, 2, 1);
    fromThird = leader.accept(third, 3, 1);
    follow(fromSecond, 0);
    follow(fromThird, 0);
    append();
    acknowledge(fromSecond, 2);
    acknowledge(fromThird, 2);
    assertThat(led.log().highWatermark()).isEqualTo(2);
  }

  private void follow(FollowerLinkListener follower, long end) {
    follower.onFollow(
        new Follow(partition(0), EPOCH, end, end == 0 ? -1 : EPOCH, 0, 0, null, false));
    follower.onCredit(1 << 20);
    leader.loop.turn();
  }

  private void append() {
    led.append(Batches.sized(2, 10), true, Acks.LEADER, IGNORED, leader.loop.nowMs());
    leader.loop.turn();
  }

  private void acknowledge(FollowerLinkListener follower, long end) {
    follower.onAck(new FollowerAck(partition(0), EPOCH, end, end, 0, false));
  }

  private CompletableFuture<ComparedRange> compare(boolean repair) {
    CompletableFuture<ComparedRange> range = leader.streams.compare(partition(0), 0, repair);
    leader.loop.turn();
    return range;
  }

  private void say(RecordedLink link, FollowerLinkListener follower, String sha256) {
    HashQuestion question = link.asked.get(link.asked.size() - 1);
    follower.onHash(
        sha256.isEmpty()
            ? HashAnswer.none(question.id(), "cannot tell")
            : HashAnswer.of(question.id(), sha256));
    leader.loop.turn();
  }

  /** Both rounds of questions get these answers. */
  private void sayTwice(String ofSecond, String ofThird) {
    for (int round = 1; round <= 2 && second.asked.size() == round; round++) {
      say(second, fromSecond, ofSecond);
      say(third, fromThird, ofThird);
    }
  }

  private String own() {
    return RangeHash.of(led.log(), 0, 2, 1_000).sha256();
  }

  @Test
  void equalContentsAreComparedOnce() {
    CompletableFuture<ComparedRange> range = compare(false);
    long bytes = RangeHash.of(led.log(), 0, 2, 1_000).bytes();
    assertThat(second.asked).containsExactly(new HashQuestion(1, partition(0), EPOCH, 0, 2, bytes));
    sayTwice(own(), own());
    assertThat(range.join().differs()).isFalse();
    assertThat(range.join().contents()).containsOnlyKeys(1, 2, 3);
    assertThat(range.join().isLast()).isTrue();
    assertThat(second.asked).hasSize(1);
  }

  @Test
  void theOneThatDiffersIsTurnedAwayWhenItSaysSoTwice() {
    CompletableFuture<ComparedRange> range = compare(false);
    sayTwice(own(), "other");
    assertThat(third.asked).hasSize(2);
    assertThat(range.join().yielding()).containsExactly(3);
    assertThat(third.said).contains(DIFFERS);
    assertThat(second.said).doesNotContain(DIFFERS);
    assertThat(leader.failures).isEmpty();
  }

  @Test
  void whoIsTurnedAwayIsNotLetIntoTheInSyncSetAgain() {
    led.committed(LeaderFixture.assignment(1, 1, 1, 2, 3), leader.loop.nowMs());
    CompletableFuture<ComparedRange> range = compare(false);
    sayTwice(own(), "other");
    assertThat(range.join().yielding()).containsExactly(3);
    led.committed(LeaderFixture.assignment(2, 1, 1, 2), leader.loop.nowMs());
    led.tick(leader.loop.nowMs());
    assertThat(leader.proposals).isEmpty();
  }

  @Test
  void whoIsJustLetIntoTheInSyncSetIsTurnedAwayLater() {
    led.committed(LeaderFixture.assignment(1, 1, 1, 2), leader.loop.nowMs());
    assertThat(leader.proposals).hasSize(1);
    CompletableFuture<ComparedRange> range = compare(false);
    sayTwice(own(), "other");
    assertThat(range.join().differs()).isTrue();
    assertThat(range.join().yielding()).isEmpty();
    assertThat(third.said).doesNotContain(DIFFERS);
  }

  @Test
  void whatIsSaidOnceCondemnsNobody() {
    CompletableFuture<ComparedRange> range = compare(false);
    say(second, fromSecond, own());
    say(third, fromThird, "other");
    say(second, fromSecond, own());
    say(third, fromThird, own());
    assertThat(range.join().differs()).isFalse();
    assertThat(range.join().silent()).containsOnlyKeys(3);
    assertThat(third.said).doesNotContain(DIFFERS);
  }

  @Test
  void aLeaderThatIsOutvotedGivesWay() {
    CompletableFuture<ComparedRange> range = compare(false);
    sayTwice("other", "other");
    assertThat(range.join().yielding()).containsExactly(1);
    assertThat(leader.failures).singleElement().isInstanceOf(DifferentContentException.class);
    assertThat(second.said).doesNotContain(DIFFERS);
  }

  @Test
  void aLeaderThatNobodyCanReplaceStays() {
    led.committed(LeaderFixture.assignment(1, 1, 1), leader.loop.nowMs());
    CompletableFuture<ComparedRange> range = compare(false);
    sayTwice("other", "other");
    assertThat(range.join().differs()).isTrue();
    assertThat(range.join().yielding()).isEmpty();
    assertThat(leader.failures).isEmpty();
  }

  @Test
  void withoutAMajorityNobodyYields() {
    CompletableFuture<ComparedRange> range = compare(false);
    sayTwice("other", "third");
    assertThat(range.join().differs()).isTrue();
    assertThat(range.join().yielding()).isEmpty();
    assertThat(second.said).doesNotContain(DIFFERS);
    assertThat(leader.failures).isEmpty();
  }

  @Test
  void withRepairTheLeadersWordCounts() {
    CompletableFuture<ComparedRange> range = compare(true);
    sayTwice("other", "third");
    assertThat(range.join().yielding()).containsExactlyInAnyOrder(2, 3);
    assertThat(second.said).contains(DIFFERS);
    assertThat(third.said).contains(DIFFERS);
  }

  @Test
  void whoCannotTellIsNamed() {
    CompletableFuture<ComparedRange> range = compare(false);
    sayTwice(own(), "");
    assertThat(range.join().differs()).isFalse();
    assertThat(range.join().silent()).containsOnly(Map.entry(3, "cannot tell"));
  }

  @Test
  void whoDoesNotAnswerIsWaitedForOnce() {
    CompletableFuture<ComparedRange> first = compare(false);
    say(second, fromSecond, own());
    assertThat(first).isNotDone();
    leader.loop.pass(RangeQuestions.PATIENCE_MS);
    assertThat(first.join().silent()).containsOnlyKeys(3);

    CompletableFuture<ComparedRange> next = compare(false);
    say(second, fromSecond, own());
    assertThat(next.join().silent()).containsOnlyKeys(3);
    assertThat(third.asked).hasSize(1);

    say(third, fromThird, own());
    CompletableFuture<ComparedRange> afterwards = compare(false);
    sayTwice(own(), own());
    say(second, fromSecond, own());
    say(third, fromThird, own());
    assertThat(afterwards.join().silent()).isEmpty();
  }

  @Test
  void anOlderVersionIsNotAsked() {
    FollowerLinkListener older = leader.accept(third, 3, 2, false);
    follow(older, 2);
    acknowledge(older, 2);
    CompletableFuture<ComparedRange> range = compare(false);
    assertThat(third.asked).isEmpty();
    say(second, fromSecond, own());
    assertThat(range.join().silent()).containsOnlyKeys(3);
    assertThat(range.join().contents()).containsOnlyKeys(1, 2);
  }

  @Test
  void whatIsNotCommittedIsNotCompared() {
    append();
    acknowledge(fromSecond, 4);
    assertThat(led.log().highWatermark()).isEqualTo(2);
    assertThat(compare(false)).isNotDone();
    assertThat(second.asked.get(0).endOffset()).isEqualTo(2);
  }

  @Test
  void beyondTheHighWatermarkThereIsNothingToCompare() {
    assertThat(leader.streams.compare(partition(0), 2, false).join().isLast()).isTrue();
    assertThat(leader.streams.compare(partition(0), 3, false))
        .isCompletedExceptionally()
        .failsWithin(Duration.ZERO)
        .withThrowableOfType(ExecutionException.class)
        .havingCause()
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE));
  }

  @Test
  void whoFollowsAnewMeanwhileDoesNotCount() {
    CompletableFuture<ComparedRange> range = compare(false);
    say(second, fromSecond, own());
    follow(fromThird, 2);
    say(third, fromThird, "other");
    assertThat(range.join().differs()).isFalse();
    assertThat(range.join().silent()).containsOnlyKeys(3);
  }

  @Test
  void aStreamThatBreaksIsNotWaitedFor() {
    CompletableFuture<ComparedRange> range = compare(false);
    say(second, fromSecond, own());
    fromThird.onClosed("broken");
    leader.loop.turn();
    assertThat(range.join().silent()).containsOnlyKeys(3);
  }

  @Test
  void nobodyIsAskedWhenNobodyFollows() {
    fromSecond.onClosed("gone");
    fromThird.onClosed("gone");
    ComparedRange range = compare(false).join();
    assertThat(range.isLast()).isTrue();
    assertThat(range.bytes()).isZero();
    assertThat(range.silent()).containsOnlyKeys(2, 3);
  }

  @Test
  void aLogThatMayHaveGapsIsNotCompared() {
    led.log().reconfigure(LogConfig.DEFAULT.withCompaction(CompactionConfig.enabledByDefault()));
    ComparedRange range = compare(false).join();
    assertThat(range.comparable()).isFalse();
    assertThat(range.isLast()).isTrue();
    assertThat(second.asked).isEmpty();
  }

  @Test
  void recordsThatAreDeletedMeanwhileCondemnNobody() {
    append();
    acknowledge(fromSecond, 4);
    acknowledge(fromThird, 4);
    CompletableFuture<ComparedRange> range = compare(false);
    led.log().advanceLogStart(2);
    say(second, fromSecond, own(2));
    say(third, fromThird, "");
    assertThat(second.asked.get(second.asked.size() - 1).fromOffset()).isEqualTo(2);
    say(second, fromSecond, own(2));
    say(third, fromThird, own(2));
    assertThat(range.join().fromOffset()).isEqualTo(2);
    assertThat(range.join().differs()).isFalse();
    assertThat(range.join().contents()).containsOnlyKeys(1, 2, 3);
  }

  private String own(long from) {
    return RangeHash.of(led.log(), from, 4, 1_000).sha256();
  }

  @Test
  void aLeadershipThatEndsEndsIt() {
    CompletableFuture<ComparedRange> range = compare(false);
    leader.unlead(0);
    say(second, fromSecond, "other");
    say(third, fromThird, "other");
    assertThat(range)
        .isCompletedExceptionally()
        .failsWithin(Duration.ZERO)
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(HighwaterException.class);
    assertThat(leader.failures).isEmpty();
  }
}
