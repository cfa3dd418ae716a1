package io.highwater.replication.core;

import static io.highwater.replication.core.FollowerState.Verdict.ACCEPT;
import static io.highwater.replication.core.FollowerState.Verdict.ASK_AGAIN;
import static io.highwater.replication.core.FollowerState.Verdict.IGNORE;
import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.replication.core.FollowerState.Phase;
import org.junit.jupiter.api.Test;

class FollowerStateTest {
  private final FollowerState follower = new FollowerState(2, 7, 100);

  @Test
  void takesNothingBeforeItHasAsked() {
    assertThat(follower.pushed(7, 0, 0)).isEqualTo(IGNORE);
    assertThat(follower.corrected(7)).isEqualTo(IGNORE);
  }

  @Test
  void takesWhatContinuesItsLog() {
    follower.asked();
    assertThat(follower.pushed(7, 5, 5)).isEqualTo(ACCEPT);
    assertThat(follower.phase()).isEqualTo(Phase.REPLICATING);
  }

  @Test
  void ignoresFramesOfOtherEpochs() {
    follower.asked();
    assertThat(follower.pushed(6, 5, 5)).isEqualTo(IGNORE);
    assertThat(follower.pushed(8, 5, 5)).isEqualTo(IGNORE);
    assertThat(follower.corrected(6)).isEqualTo(IGNORE);
  }

  @Test
  void asksAgainWhenSomethingIsMissing() {
    follower.asked();
    follower.pushed(7, 5, 5);
    assertThat(follower.pushed(7, 9, 8)).isEqualTo(ASK_AGAIN);
  }

  @Test
  void ignoresGapsWhileTheQuestionIsOpen() {
    follower.asked();
    assertThat(follower.pushed(7, 9, 8)).isEqualTo(IGNORE);
  }

  @Test
  void isCorrectedOnlyWhileTheQuestionIsOpen() {
    follower.asked();
    assertThat(follower.corrected(7)).isEqualTo(ACCEPT);
    follower.pushed(7, 5, 5);
    assertThat(follower.corrected(7)).isEqualTo(IGNORE);
  }

  @Test
  void asksAgainAPauseAfterARefusal() {
    follower.asked();
    follower.refused(7, 1_000);
    assertThat(follower.asksAgain(1_099)).isFalse();
    assertThat(follower.asksAgain(1_100)).isTrue();
    assertThat(follower.pushed(7, 5, 5)).isEqualTo(IGNORE);
  }

  @Test
  void afterAFailureItWaitsLongerThanAfterARefusal() {
    follower.asked();
    follower.pushed(7, 5, 5);
    follower.failed(1_000);
    assertThat(follower.pushed(7, 5, 5)).isEqualTo(IGNORE);
    assertThat(follower.asksAgain(1_100)).isFalse();
    assertThat(follower.asksAgain(2_000)).isTrue();
  }

  @Test
  void aBrokenStreamEndsEverything() {
    follower.asked();
    follower.pushed(7, 5, 5);
    follower.unlinked();
    assertThat(follower.pushed(7, 5, 5)).isEqualTo(IGNORE);
    follower.refused(7, 1_000);
    assertThat(follower.phase()).isEqualTo(Phase.UNLINKED);
  }
}
