package io.highwater.replication.follower;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.Batches;
import io.highwater.log.LogFixture;
import io.highwater.log.space.DirectorySpace;
import io.highwater.log.space.SpaceLimits;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.DiskSteps;
import io.highwater.replication.ManualLoop;
import io.highwater.replication.core.FollowerState;
import java.io.IOException;
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
  private final ManualLoop loop = new ManualLoop();
  private boolean told;
  private FollowerState.Verdict verdict;
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
        new FollowerAppender(
            new TopicIdPartition(new UUID(1, 1), 0),
            fixture.log,
            state,
            events,
            new DiskSteps(loop, Runnable::run, loop::nowMs),
            loop::nowMs);
    follower.ask();
  }

  private FollowerState.Verdict diverged(int epoch, long endOffset) {
    follower.diverged(EPOCH, epoch, endOffset, (of, bytes, end) -> verdict = end);
    loop.turn();
    return verdict;
  }

  private FollowerState.Verdict reset(long logStartOffset, long horizon) {
    follower.reset(EPOCH, logStartOffset, horizon, (of, bytes, end) -> verdict = end);
    loop.turn();
    return verdict;
  }

  @Test
  void whatIsNotCommittedIsCutWithoutAsking() {
    assertThat(diverged(2, 3)).isEqualTo(FollowerState.Verdict.ASK_AGAIN);
    assertThat(fixture.log.logEndOffset()).isEqualTo(3);
    assertThat(asked).isEmpty();
  }

  @Test
  void whatIsCommittedStaysUntilItsLossIsTold() {
    assertThat(diverged(2, 1)).isEqualTo(FollowerState.Verdict.IGNORE);
    assertThat(fixture.log.logEndOffset()).isEqualTo(4);
    assertThat(asked).containsExactly("1 to 3");
    assertThat(state.asksAgain(60_000)).isTrue();

    told = true;
    follower.ask();
    assertThat(diverged(2, 1)).isEqualTo(FollowerState.Verdict.ASK_AGAIN);
    assertThat(fixture.log.logEndOffset()).isEqualTo(1);
  }

  @Test
  void aLogThatBeginsAnewWithinWhatIsCommittedWaitsAsWell() {
    assertThat(reset(0, 0)).isEqualTo(FollowerState.Verdict.IGNORE);
    assertThat(fixture.log.logEndOffset()).isEqualTo(4);
    assertThat(asked).containsExactly("0 to 3");
  }

  @Test
  void whatRetentionDeletedOnTheLeaderIsNotLost() {
    assertThat(reset(10, 0)).isEqualTo(FollowerState.Verdict.ASK_AGAIN);
    assertThat(fixture.log.logStartOffset()).isEqualTo(10);
    assertThat(asked).isEmpty();
  }

  /** CMP-6: its leader has it all, and dropped a tombstone at offset 6. */
  @Test
  void whatIsCopiedAgainForItsTombstonesIsNotLost() {
    assertThat(reset(0, 7)).isEqualTo(FollowerState.Verdict.ASK_AGAIN);
    assertThat(fixture.log.logEndOffset()).isZero();
    assertThat(asked).isEmpty();
  }

  /** ISR-7: a question tells it, and while one is open its leader listens to nothing else. */
  @Test
  void aChangeOfTheRoomOnTheDiskIsToldOnceItReplicates() throws IOException {
    DirectorySpace space = fixture.health.space();
    space.check(fixture.storage, new SpaceLimits(0, Long.MAX_VALUE, Long.MAX_VALUE));
    assertThat(follower.owesSpace()).isFalse();
    assertThat(follower.ask().lacksSpace()).isTrue();

    space.check(fixture.storage, SpaceLimits.NONE);
    state.pushed(EPOCH, 4, 4);
    assertThat(follower.owesSpace()).isTrue();
    assertThat(follower.ack().lacksSpace()).isFalse();
    assertThat(follower.owesSpace()).isFalse();
  }
}
