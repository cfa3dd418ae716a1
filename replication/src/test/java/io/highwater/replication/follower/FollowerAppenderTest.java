package io.highwater.replication.follower;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.Batches;
import io.highwater.log.LogFixture;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.core.FollowerState;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** LEP-7: what is known to be committed is dropped only when the metadata tells of its loss. */
class FollowerAppenderTest {
  private static final int EPOCH = 5;

  private final LogFixture fixture = new LogFixture().open();
  private final List<String> asked = new ArrayList<>();
  private final FollowerState state = new FollowerState(1, EPOCH, 100);
  private boolean told;
  private FollowerAppender follower;

  @BeforeEach
  void followWithFourRecordsOfWhichThreeAreCommitted() {
    for (int i = 0; i < 4; i++) {
      fixture.log.appendAsLeader(Batches.of(1, "v" + i), 2);
    }
    fixture.log.advanceHighWatermark(3);
    FollowerEvents events =
        new FollowerEvents() {
          @Override
          public boolean appended(FollowerAppender of) {
            return false;
          }

          @Override
          public void highWatermarkAdvanced(FollowerAppender of) {}

          @Override
          public boolean mayDrop(FollowerAppender of, long fromOffset, long endOffset) {
            asked.add(fromOffset + " to " + endOffset);
            return told;
          }

          @Override
          public void storageFailed(FollowerAppender of, HighwaterException failure) {}
        };
    follower =
        new FollowerAppender(new TopicIdPartition(new UUID(1, 1), 0), fixture.log, state, events);
    follower.ask();
  }

  @Test
  void whatIsNotCommittedIsCutWithoutAsking() {
    assertThat(follower.diverged(EPOCH, 2, 3, 0)).isEqualTo(FollowerState.Verdict.ASK_AGAIN);
    assertThat(fixture.log.logEndOffset()).isEqualTo(3);
    assertThat(asked).isEmpty();
  }

  @Test
  void whatIsCommittedStaysUntilItsLossIsTold() {
    assertThat(follower.diverged(EPOCH, 2, 1, 0)).isEqualTo(FollowerState.Verdict.IGNORE);
    assertThat(fixture.log.logEndOffset()).isEqualTo(4);
    assertThat(asked).containsExactly("1 to 3");
    assertThat(state.asksAgain(60_000)).isTrue();

    told = true;
    follower.ask();
    assertThat(follower.diverged(EPOCH, 2, 1, 0)).isEqualTo(FollowerState.Verdict.ASK_AGAIN);
    assertThat(fixture.log.logEndOffset()).isEqualTo(1);
  }

  @Test
  void aLogThatBeginsAnewWithinWhatIsCommittedWaitsAsWell() {
    assertThat(follower.reset(EPOCH, 0, 0, 0)).isEqualTo(FollowerState.Verdict.IGNORE);
    assertThat(fixture.log.logEndOffset()).isEqualTo(4);
    assertThat(asked).containsExactly("0 to 3");
  }

  @Test
  void whatRetentionDeletedOnTheLeaderIsNotLost() {
    assertThat(follower.reset(EPOCH, 10, 0, 0)).isEqualTo(FollowerState.Verdict.ASK_AGAIN);
    assertThat(fixture.log.logStartOffset()).isEqualTo(10);
    assertThat(asked).isEmpty();
  }

  /** CMP-6: its leader has it all, and dropped a tombstone at offset 6. */
  @Test
  void whatIsCopiedAgainForItsTombstonesIsNotLost() {
    assertThat(follower.reset(EPOCH, 0, 7, 0)).isEqualTo(FollowerState.Verdict.ASK_AGAIN);
    assertThat(fixture.log.logEndOffset()).isZero();
    assertThat(asked).isEmpty();
  }
}
