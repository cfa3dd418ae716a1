package io.highwater.replication.leader;

import static io.highwater.replication.leader.LeaderFixture.EPOCH;
import static io.highwater.replication.leader.LeaderFixture.partition;
import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.Batches;
import io.highwater.log.LogFixture;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.record.BatchHeader;
import io.highwater.replication.AppendListener;
import io.highwater.replication.AppendReceipt;
import io.highwater.replication.DifferentContentException;
import io.highwater.replication.transport.Follow;
import org.junit.jupiter.api.Test;

/** REP-9: a follower follows only when its last batch is the leader's. */
class LastBatchesTest {
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

  private Leadership lead(Integer... isr) {
    Leadership led = leader.lead(0, 1, isr);
    for (int i = 0; i < 3; i++) {
      led.append(Batches.sized(1, 10 + i), false, Acks.LEADER, IGNORED, leader.loop.nowMs());
    }
    return led;
  }

  /** What a follower would hold that got something else. */
  private static BatchHeader other(long offset) {
    LogFixture log = new LogFixture().open();
    for (long at = 0; at <= offset; at++) {
      log.log.appendAsLeader(Batches.sized(1, 50), EPOCH);
    }
    return log.log.lastHeader().orElseThrow();
  }

  private void follow(int broker, RecordedLink with, long end, BatchHeader last) {
    leader
        .accept(with, broker, 1)
        .onFollow(new Follow(partition(0), EPOCH, end, EPOCH, 0, 0, last, false));
    leader.loop.turn();
  }

  @Test
  void theSameBatchAtTheEndOrBelowIsFollowedBy() {
    Leadership led = lead(1, 2);
    follow(2, link, 3, led.log().headerAt(2).orElseThrow());
    follow(3, link, 2, led.log().headerAt(1).orElseThrow());
    assertThat(link.said).containsExactly("accepted", "accepted");
    assertThat(link.pushes).hasSize(2);
  }

  @Test
  void anotherBatchIsTurnedAwayWhereverTheFollowerEnds() {
    lead(1);
    follow(2, link, 3, other(2));
    follow(3, link, 2, other(1));
    assertThat(link.said)
        .containsExactly("accepted", "differs below 3", "accepted", "differs below 2");
    assertThat(link.pushes).isEmpty();
    assertThat(leader.failures).isEmpty();
  }

  @Test
  void aFollowerThatEndsWithinABatchIsTurnedAway() {
    Leadership led = leader.lead(0, 1, 1);
    led.append(Batches.sized(3, 10), false, Acks.LEADER, IGNORED, leader.loop.nowMs());
    follow(2, link, 2, other(1));
    assertThat(link.said).containsExactly("accepted", "differs below 2");
  }

  @Test
  void whatIsNotShownIsNotCompared() {
    lead(1);
    follow(2, link, 2, null);
    assertThat(link.said).containsExactly("accepted");
    assertThat(link.pushes).hasSize(1);
  }

  @Test
  void aLeaderWhoseOwnBatchDoesNotReadIsTheDamagedOne() {
    Leadership led = lead(1);
    BatchHeader good = led.log().headerAt(1).orElseThrow();
    var file = leader.log(0).storage.files(path -> path.toString().endsWith(".log")).get(0);
    byte[] bytes = leader.log(0).storage.content(file);
    bytes[bytes.length / 2] ^= 1;
    leader.log(0).storage.replace(file, bytes);
    follow(2, link, 2, good);
    assertThat(link.said).containsExactly("accepted", "refused KAFKA_STORAGE_ERROR");
    assertThat(leader.failures).hasSize(1);
    assertThat(leader.failures.get(0)).isNotInstanceOf(DifferentContentException.class);
  }

  @Test
  void aLeaderThatDiffersFromAllInSyncReplicasYields() {
    lead(1, 2, 3);
    RecordedLink third = new RecordedLink();
    follow(2, link, 3, other(2));
    assertThat(link.said).containsExactly("accepted", "refused INELIGIBLE_REPLICA");
    follow(3, third, 3, other(2));
    assertThat(third.said).doesNotContain("differs below 3");
    assertThat(leader.failures).hasSize(1);
    assertThat(leader.failures.get(0))
        .isInstanceOf(DifferentContentException.class)
        .hasMessageContainingAll("broker 1", "broker 3", "offsets 2 to 2");
  }
}
