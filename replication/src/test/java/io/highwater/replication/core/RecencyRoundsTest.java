package io.highwater.replication.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** FEN-2. */
class RecencyRoundsTest {
  private final RecencyRounds<String> rounds = new RecencyRounds<>(100);

  @Test
  void claimsShareARoundUntilAFrameWithItMayBeOut() {
    rounds.claim("a", 0);
    rounds.claim("b", 0);
    assertThat(rounds.send()).isEqualTo(1);
    rounds.claim("c", 0);
    assertThat(rounds.newest()).isEqualTo(2);

    assertThat(rounds.pollConfirmed(0)).isNull();
    assertThat(rounds.pollConfirmed(1)).isEqualTo("a");
    assertThat(rounds.pollConfirmed(1)).isEqualTo("b");
    assertThat(rounds.pollConfirmed(1)).isNull();
    assertThat(rounds.pollConfirmed(2)).isEqualTo("c");
    assertThat(rounds.isEmpty()).isTrue();
  }

  @Test
  void framesWithoutAClaimOpenNoRound() {
    assertThat(rounds.send()).isEqualTo(RecencyRounds.NONE);
    rounds.claim("a", 0);
    assertThat(rounds.newest()).isEqualTo(1);
  }

  @Test
  void aClaimWaitsForSoLongOnly() {
    rounds.claim("a", 0);
    rounds.claim("b", 50);
    assertThat(rounds.pollExpired(99)).isNull();
    assertThat(rounds.pollExpired(100)).isEqualTo("a");
    assertThat(rounds.pollExpired(100)).isNull();
    assertThat(rounds.poll()).isEqualTo("b");
    assertThat(rounds.poll()).isNull();
  }
}
