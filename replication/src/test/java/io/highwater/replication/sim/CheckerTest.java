package io.highwater.replication.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The simulation has teeth: clusters that break a rule on purpose are caught by one of its ids. */
class CheckerTest {
  private static final int SEEDS = 200;

  @ParameterizedTest
  @CsvSource({
    "TRUNCATE_TO_HIGH_WATERMARK, LEP-7|REP-3",
    "ACK_BEFORE_HIGH_WATERMARK, ACK-1",
    "COUNT_COMMITTED_ISR_ONLY, REP-3",
    "SKIP_EPOCH_CHECK, LEP-7|REP-|LEP-5",
    "FORGET_PRODUCERS_AT_FAILOVER, IDM-",
    "ELECT_UNCLEAN_REPLICA, REP-",
    "SKIP_FSYNC, REP-|LEP-7",
    "JOIN_BEFORE_CAUGHT_UP, REP-3",
    "ADVANCE_BELOW_MIN_ISR, REP-3"
  })
  void aFlawedClusterIsCaught(Flaw flaw, String ids) {
    for (long seed = 1; seed <= SEEDS; seed++) {
      try {
        RandomFaults.play(seed, flaw, 40, 16);
      } catch (AssertionError e) {
        assertThat(e.getMessage()).containsPattern(ids);
        return;
      }
    }
    assertThat(flaw).as("found in none of %s seeds", SEEDS).isNull();
  }
}
