package io.highwater.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LeaderGapTest {
  private final LeaderGap gap = new LeaderGap();

  @Test
  void isTheLongestSilenceThatEndsAfterTheKill() {
    gap.acknowledged(100);
    gap.acknowledged(5_000);
    gap.killed(5_010);
    gap.acknowledged(5_020);
    gap.acknowledged(5_900);
    gap.acknowledged(5_950);
    assertThat(gap.longestNanos()).hasValue(880);
  }

  @Test
  void isUnknownWhenNothingIsAcknowledgedAfterTheKill() {
    gap.acknowledged(100);
    gap.killed(200);
    assertThat(gap.longestNanos()).isEmpty();
  }

  @Test
  void beginsAtTheKillWhenNothingWasAcknowledgedBefore() {
    gap.killed(200);
    gap.acknowledged(1_200);
    assertThat(gap.longestNanos()).hasValue(1_000);
  }
}
