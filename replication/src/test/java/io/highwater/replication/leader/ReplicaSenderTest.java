package io.highwater.replication.leader;

import static io.highwater.replication.leader.LeaderFixture.EPOCH;
import static io.highwater.replication.leader.LeaderFixture.FRAME_BYTES;
import static io.highwater.replication.leader.LeaderFixture.partition;
import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.Batches;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.replication.AppendListener;
import io.highwater.replication.AppendReceipt;
import io.highwater.replication.leader.RecordedLink.Pushed;
import io.highwater.replication.transport.Follow;
import io.highwater.replication.transport.FollowerAck;
import io.highwater.replication.transport.FollowerLinkListener;
import io.highwater.replication.transport.Hello;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplicaSenderTest {
  private static final AppendListener IGNORED =
      new AppendListener() {
        @Override
        public void onAppended(AppendReceipt receipt) {}

        @Override
        public void onFailed(ErrorCode error, boolean maybeAppended, String text) {
          throw new AssertionError(error + " " + text);
        }
      };

  private final LeaderFixture leader = new LeaderFixture();
  private final RecordedLink link = new RecordedLink();

  private void append(int number, Leadership leadership, int valueBytes) {
    leadership.append(
        Batches.sized(1, valueBytes), false, Acks.LEADER, IGNORED, leader.loop.nowMs());
    assertThat(leader.log(number).log.logEndOffset()).isPositive();
  }

  private FollowerLinkListener follow(int... numbers) {
    FollowerLinkListener follower = leader.accept(link, 2, 1);
    for (int number : numbers) {
      follower.onFollow(new Follow(partition(number), EPOCH, 0, -1, 0, 0, null, false));
    }
    return follower;
  }

  @Test
  void theFirstFrameSaysThatTheLogMatches() {
    leader.lead(0, 1, 1, 2);
    follow(0);
    assertThat(link.pushes).containsExactly(new Pushed(0, 0, 0, 0));
  }

  @Test
  void appendsOfOneTurnShareAFrame() {
    Leadership led = leader.lead(0, 1, 1, 2);
    follow(0).onCredit(10_000);
    leader.loop.turn();
    append(0, led, 10);
    append(0, led, 10);
    append(0, led, 10);
    leader.loop.turn();
    assertThat(link.takeRecords()).hasSize(1);
  }

  @Test
  void creditIsKeptButOneFrameMayOverdraw() {
    Leadership led = leader.lead(0, 1, 1, 2);
    for (int i = 0; i < 10; i++) {
      append(0, led, 700);
    }
    FollowerLinkListener follower = follow(0);
    leader.loop.turn();
    assertThat(link.takeRecords()).as("no credit yet").isEmpty();
    follower.onCredit(1);
    leader.loop.turn();
    assertThat(link.takeRecords()).hasSize(1);
    follower.onCredit(2_000);
    leader.loop.turn();
    assertThat(link.takeRecords()).extracting(Pushed::previousEndOffset).containsExactly(1L, 2L);
  }

  @Test
  void highWatermarksNeedNoCredit() {
    Leadership led = leader.lead(0, 1, 1);
    follow(0);
    append(0, led, 10);
    led.committed(LeaderFixture.assignment(1, 1, 1), leader.loop.nowMs());
    leader.loop.pass(5);
    assertThat(link.pushes).last().isEqualTo(new Pushed(0, 0, 0, 1));
  }

  @Test
  void partitionsTakeTurns() {
    for (int number = 0; number < 3; number++) {
      Leadership led = leader.lead(number, 1, 1, 2);
      for (int i = 0; i < 3; i++) {
        append(number, led, 900);
      }
    }
    follow(0, 1, 2).onCredit(1 << 20);
    leader.loop.turn();
    assertThat(link.takeRecords())
        .extracting(Pushed::partition)
        .containsExactly(0, 1, 2, 0, 1, 2, 0, 1, 2);
  }

  @Test
  void aBatchLargerThanAFrameTravelsAlone() {
    Leadership led = leader.lead(0, 1, 1, 2);
    append(0, led, 10);
    append(0, led, 3 * FRAME_BYTES);
    append(0, led, 10);
    follow(0).onCredit(1 << 20);
    leader.loop.turn();
    List<Pushed> pushed = link.takeRecords();
    assertThat(pushed).extracting(Pushed::previousEndOffset).containsExactly(0L, 1L, 2L);
    assertThat(pushed.get(1).bytes()).isGreaterThan(3 * FRAME_BYTES);
  }

  @Test
  void buffersThatAreNotDrainedAreNotUsedAgain() {
    Leadership led = leader.lead(0, 1, 1, 2);
    append(0, led, 900);
    append(0, led, 900);
    FollowerLinkListener follower = follow(0);
    follower.onCredit(1 << 20);
    leader.loop.turn();
    link.drained();
    append(0, led, 900);
    leader.loop.turn();
    assertThat(link.takeRecords()).hasSize(3);
  }

  @Test
  void theHighWatermarkTravelsWithRecordsOrAloneAfterADelay() {
    Leadership led = leader.lead(0, 2, 1, 2);
    FollowerLinkListener follower = follow(0);
    follower.onCredit(1 << 20);
    append(0, led, 10);
    leader.loop.turn();
    link.pushes.clear();
    follower.onAck(new FollowerAck(partition(0), EPOCH, 1, 0, 0));
    append(0, led, 10);
    leader.loop.turn();
    assertThat(link.pushes).extracting(Pushed::highWatermark).containsExactly(1L);
    leader.loop.pass(5);
    assertThat(link.pushes).as("it was told already").hasSize(1);
    follower.onAck(new FollowerAck(partition(0), EPOCH, 2, 0, 0));
    leader.loop.pass(4);
    assertThat(link.pushes).hasSize(1);
    leader.loop.pass(1);
    assertThat(link.pushes).last().isEqualTo(new Pushed(0, 2, 0, 2));
  }

  @Test
  void otherEpochsAndPartitionsAreRefused() {
    leader.lead(0, 1, 1, 2);
    FollowerLinkListener follower = leader.accept(link, 2, 1);
    follower.onFollow(new Follow(partition(0), EPOCH - 1, 0, -1, 0, 0, null, false));
    follower.onFollow(new Follow(partition(0), EPOCH + 1, 0, -1, 0, 0, null, false));
    follower.onFollow(new Follow(partition(9), EPOCH, 0, -1, 0, 0, null, false));
    assertThat(link.said)
        .containsExactly(
            "accepted",
            "refused FENCED_LEADER_EPOCH",
            "refused UNKNOWN_LEADER_EPOCH",
            "refused NOT_LEADER_OR_FOLLOWER");
    assertThat(link.pushes).isEmpty();
  }

  @Test
  void aLogThatLeftTheLeadersIsToldWhereToCut() {
    Leadership led = leader.lead(0, 1, 1, 2);
    append(0, led, 10);
    FollowerLinkListener follower = leader.accept(link, 2, 1);
    follower.onFollow(new Follow(partition(0), EPOCH, 5, EPOCH, 0, 0, null, false));
    follower.onFollow(new Follow(partition(0), EPOCH, 5, EPOCH - 1, 0, 0, null, false));
    assertThat(link.said).containsExactly("accepted", "diverged " + EPOCH + " 1", "reset 0");
  }

  @Test
  void acknowledgingWhatWasNotPushedEndsTheStream() {
    leader.lead(0, 1, 1, 2);
    follow(0).onAck(new FollowerAck(partition(0), EPOCH, 7, 0, 0));
    assertThat(link.said).containsExactly("accepted", "closed INVALID_REQUEST");
  }

  @Test
  void acknowledgementsOfOtherEpochsAreNotHeard() {
    Leadership led = leader.lead(0, 2, 1, 2);
    FollowerLinkListener follower = follow(0);
    follower.onCredit(1 << 20);
    append(0, led, 10);
    leader.loop.turn();
    follower.onAck(new FollowerAck(partition(0), EPOCH - 1, 1, 0, 0));
    assertThat(led.state().highWatermark()).isZero();
  }

  @Test
  void aNewerStreamTakesThePlaceOfAnOlderOne() {
    leader.lead(0, 1, 1, 2);
    RecordedLink newer = new RecordedLink();
    RecordedLink late = new RecordedLink();
    leader.accept(link, 2, 2);
    leader.accept(newer, 2, 3);
    leader.accept(late, 2, 1);
    assertThat(link.said).containsExactly("accepted", "closed STALE_BROKER_EPOCH");
    assertThat(newer.said).containsExactly("accepted");
    assertThat(late.said).containsExactly("closed STALE_BROKER_EPOCH");
  }

  @Test
  void strangersAreTurnedAway() {
    RecordedLink otherBroker = new RecordedLink();
    leader.streams.accept(link, new Hello("other", 2, 10, 1, 1, true));
    leader.streams.accept(otherBroker, new Hello("test", 2, 10, 1, 7, true));
    assertThat(link.said).containsExactly("closed INCONSISTENT_CLUSTER_ID");
    assertThat(otherBroker.said).containsExactly("closed BROKER_NOT_AVAILABLE");
  }

  @Test
  void theEndOfLeadershipIsToldAndEndsPushing() {
    Leadership led = leader.lead(0, 1, 1, 2);
    follow(0).onCredit(1 << 20);
    append(0, led, 10);
    led.end();
    leader.loop.turn();
    assertThat(link.takeRecords()).isEmpty();
    assertThat(link.said).containsExactly("accepted", "refused NOT_LEADER_OR_FOLLOWER");
  }
}
