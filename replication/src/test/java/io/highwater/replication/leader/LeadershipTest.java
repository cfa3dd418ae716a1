package io.highwater.replication.leader;

import static io.highwater.replication.leader.LeaderFixture.EPOCH;
import static io.highwater.replication.leader.LeaderFixture.partition;
import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.Batches;
import io.highwater.log.LogConfig;
import io.highwater.log.flush.FlushPolicy;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.replication.AppendListener;
import io.highwater.replication.AppendReceipt;
import io.highwater.replication.Cancellable;
import io.highwater.replication.core.IsrProposal;
import io.highwater.replication.transport.Follow;
import io.highwater.replication.transport.FollowerAck;
import io.highwater.replication.transport.FollowerLinkListener;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeadershipTest {
  private static final int PRODUCER = 77;

  private final LeaderFixture leader = new LeaderFixture();
  private final List<String> heard = new ArrayList<>();

  private Cancellable append(Leadership led, Acks acks, ByteBuffer batch, String name) {
    return led.append(
        batch,
        false,
        acks,
        new AppendListener() {
          @Override
          public void onAppended(AppendReceipt receipt) {
            heard.add(
                name
                    + " at "
                    + receipt.baseOffset()
                    + " on "
                    + receipt.replicas()
                    + (receipt.duplicate() ? " again" : ""));
          }

          @Override
          public void onFailed(ErrorCode error, boolean maybeAppended, String text) {
            heard.add(name + " " + error + (maybeAppended ? " maybe" : ""));
          }
        },
        leader.loop.nowMs());
  }

  private static ByteBuffer batch(int sequence) {
    return Batches.produced(PRODUCER, 0, sequence, "v" + sequence);
  }

  private FollowerLinkListener follow(int broker) {
    FollowerLinkListener follower = leader.accept(new RecordedLink(), broker, 1);
    follower.onFollow(new Follow(partition(0), EPOCH, 0, -1, 0, 0, null, false));
    follower.onCredit(1 << 20);
    return follower;
  }

  private List<Integer> proposed(int index) {
    return leader.proposals.get(index).isr().stream().map(IsrProposal.Member::brokerId).toList();
  }

  private void ack(FollowerLinkListener follower, long end) {
    leader.loop.turn();
    follower.onAck(new FollowerAck(partition(0), EPOCH, end, 0, 0));
  }

  @Test
  void acksOfTheLeaderAloneComeAtOnce() {
    append(leader.lead(0, 2, 1, 2), Acks.LEADER, batch(0), "a");
    assertThat(heard).containsExactly("a at 0 on 1");
  }

  @Test
  void whereAcknowledgementsWaitForTheDiskThoseOfTheLeaderDoToo() {
    Leadership led = leader.lead(LogConfig.DEFAULT.withFlush(FlushPolicy.GROUP), 0, 1, 1);
    append(led, Acks.LEADER, batch(0), "a");
    append(led, Acks.NONE, batch(1), "b");
    assertThat(heard).containsExactly("b at 1 on 1");
    leader.log(0).log.flush();
    append(led, Acks.LEADER, batch(1), "repeat on disk behind a");
    assertThat(heard).hasSize(1);

    led.flushed();

    assertThat(heard)
        .containsExactly("b at 1 on 1", "a at 0 on 1", "repeat on disk behind a at 1 on 1 again");
  }

  @Test
  void whatWaitsForTheDiskWhenLeadershipEndsMayBeThere() {
    Leadership led = leader.lead(LogConfig.DEFAULT.withFlush(FlushPolicy.GROUP), 0, 1, 1);
    append(led, Acks.LEADER, batch(0), "a");
    led.end();
    assertThat(heard).containsExactly("a NOT_LEADER_OR_FOLLOWER maybe");
  }

  @Test
  void acksOfAllComeWhenTheHighWatermarkPasses() {
    Leadership led = leader.lead(0, 2, 1, 2);
    FollowerLinkListener follower = follow(2);
    append(led, Acks.ALL, batch(0), "a");
    append(led, Acks.ALL, batch(1), "b");
    assertThat(heard).isEmpty();
    ack(follower, 1);
    assertThat(heard).containsExactly("a at 0 on 2");
    ack(follower, 2);
    assertThat(heard).containsExactly("a at 0 on 2", "b at 1 on 2");
  }

  @Test
  void aRepeatIsAcknowledgedWithTheOriginal() {
    Leadership led = leader.lead(0, 2, 1, 2);
    FollowerLinkListener follower = follow(2);
    append(led, Acks.ALL, batch(0), "a");
    append(led, Acks.ALL, batch(0), "repeat");
    assertThat(heard).isEmpty();
    assertThat(leader.log(0).log.logEndOffset()).isOne();
    ack(follower, 1);
    assertThat(heard).containsExactly("a at 0 on 2", "repeat at 0 on 2 again");
    append(led, Acks.ALL, batch(0), "late repeat");
    assertThat(heard).last().isEqualTo("late repeat at 0 on 2 again");
  }

  @Test
  void withTooFewInSyncReplicasNothingIsAppended() {
    Leadership led = leader.lead(0, 2, 1);
    append(led, Acks.ALL, batch(0), "a");
    assertThat(heard).containsExactly("a NOT_ENOUGH_REPLICAS");
    assertThat(leader.log(0).log.logEndOffset()).isZero();
  }

  @Test
  void aShrunkenSetFreezesAcknowledgementsUntilItIsLargeEnoughAgain() {
    Leadership led = leader.lead(0, 2, 1, 2);
    FollowerLinkListener follower = follow(2);
    append(led, Acks.ALL, batch(0), "a");
    leader.loop.turn();
    led.committed(LeaderFixture.assignment(1, 2, 1), leader.loop.nowMs());
    ack(follower, 1);
    assertThat(heard).isEmpty();
    led.committed(LeaderFixture.assignment(2, 2, 1, 2), leader.loop.nowMs());
    assertThat(heard).containsExactly("a at 0 on 2");
  }

  @Test
  void theEndOfLeadershipLeavesWaitingAppendsOpen() {
    Leadership led = leader.lead(0, 2, 1, 2);
    append(led, Acks.ALL, batch(0), "a");
    append(led, Acks.ALL, batch(1), "b");
    led.end();
    assertThat(heard)
        .containsExactly("a NOT_LEADER_OR_FOLLOWER maybe", "b NOT_LEADER_OR_FOLLOWER maybe");
  }

  /** ACK-4: what is in the log stays open, what comes then is refused. */
  @Test
  void aLeaderThatIsCutOffHoldsNobody() {
    Leadership led = leader.lead(0, 2, 1, 2);
    follow(2);
    append(led, Acks.ALL, batch(0), "held");
    leader.loop.pass(1_099);
    led.tick(leader.loop.nowMs());
    append(led, Acks.ALL, batch(1), "held as well");
    assertThat(heard).isEmpty();
    leader.loop.pass(1);
    append(led, Acks.ALL, batch(2), "too late");
    led.tick(leader.loop.nowMs());
    append(led, Acks.LEADER, batch(2), "for the leader alone");
    assertThat(heard)
        .containsExactly(
            "too late NOT_ENOUGH_REPLICAS",
            "held NOT_ENOUGH_REPLICAS_AFTER_APPEND maybe",
            "held as well NOT_ENOUGH_REPLICAS_AFTER_APPEND maybe",
            "for the leader alone at 2 on 1");
  }

  @Test
  void whatIsRepeatedToALeaderThatWasCutOffIsDoneOnceItIsNotAnyMore() {
    Leadership led = leader.lead(0, 2, 1, 2);
    FollowerLinkListener follower = follow(2);
    append(led, Acks.ALL, batch(0), "a");
    leader.loop.pass(1_100);
    led.tick(leader.loop.nowMs());
    ack(follower, 0);
    append(led, Acks.ALL, batch(0), "repeat");
    ack(follower, 1);
    assertThat(heard)
        .containsExactly("a NOT_ENOUGH_REPLICAS_AFTER_APPEND maybe", "repeat at 0 on 2 again");
  }

  @Test
  void whoCalledOffHearsNothing() {
    Leadership led = leader.lead(0, 2, 1, 2);
    FollowerLinkListener follower = follow(2);
    append(led, Acks.ALL, batch(0), "a").cancel();
    append(led, Acks.ALL, batch(1), "b");
    ack(follower, 2);
    assertThat(heard).containsExactly("b at 1 on 2");
  }

  @Test
  void aRefusedBatchIsNotAppended() {
    Leadership led = leader.lead(0, 1, 1);
    ByteBuffer damaged = batch(0);
    damaged.put(damaged.limit() - 1, (byte) 99);
    append(led, Acks.ALL, damaged, "damaged");
    append(led, Acks.ALL, batch(0), "a");
    append(led, Acks.ALL, batch(5), "gap");
    assertThat(heard)
        .containsExactly(
            "damaged CORRUPT_MESSAGE", "a at 0 on 1", "gap OUT_OF_ORDER_SEQUENCE_NUMBER");
    assertThat(leader.log(0).log.logEndOffset()).isOne();
  }

  /** It was appended once: whether that is committed its own answer has to say (ACK-2). */
  @Test
  void aRepeatTooOldToBeRememberedMayBeThere() {
    Leadership led = leader.lead(0, 1, 1);
    for (int sequence = 0; sequence < 7; sequence++) {
      append(led, Acks.ALL, batch(sequence), "batch");
    }
    append(led, Acks.ALL, batch(0), "repeat");
    assertThat(heard).last().isEqualTo("repeat DUPLICATE_SEQUENCE_NUMBER maybe");
  }

  @Test
  void aFollowerThatCaughtUpIsProposed() {
    leader.lead(0, 1, 1, 2);
    follow(3);
    assertThat(leader.proposals).hasSize(1);
    assertThat(leader.proposals.get(0).isr()).hasSize(3);
  }

  /** ISR-7: no record has to come for it. */
  @Test
  void aFollowerThatFollowsAnewWithRoomOnItsDiskJoinsAgain() {
    Leadership led = leader.lead(0, 1, 1, 2);
    follow(2).onAck(new FollowerAck(partition(0), EPOCH, 0, 0, 0, true));
    led.committed(LeaderFixture.assignment(1, 1, 1), leader.loop.nowMs());
    assertThat(leader.proposals).hasSize(1);
    assertThat(proposed(0)).containsExactly(1);

    FollowerLinkListener stillFull = leader.accept(new RecordedLink(), 2, 2);
    stillFull.onFollow(new Follow(partition(0), EPOCH, 0, -1, 0, 0, null, true));
    led.tick(leader.loop.nowMs());
    assertThat(leader.proposals).hasSize(1);

    FollowerLinkListener hasRoom = leader.accept(new RecordedLink(), 2, 3);
    hasRoom.onFollow(new Follow(partition(0), EPOCH, 0, -1, 0, 0, null, false));
    led.tick(leader.loop.nowMs());
    assertThat(leader.proposals).hasSize(2);
    assertThat(proposed(1)).containsExactly(1, 2);
  }
}
