package io.highwater.replication.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The checker has teeth: brokers that break a rule on purpose are caught, by that rule's id. */
class CheckerTest {
  private static final int SEEDS = 60;

  @ParameterizedTest
  @CsvSource({
    "TRUNCATE_TO_HIGH_WATERMARK, LEP-7",
    "ACK_BEFORE_HIGH_WATERMARK, ACK-1",
    "COUNT_COMMITTED_ISR_ONLY, REP-3"
  })
  void aFlawedBrokerIsCaught(Flaw flaw, String id) {
    for (long seed = 1; seed <= SEEDS; seed++) {
      try {
        RandomFaults.play(seed, flaw, 40, 12);
      } catch (AssertionError e) {
        if (e.getMessage().contains(id)) {
          return;
        }
        throw e;
      }
    }
    assertThat(flaw).as("found in none of %s seeds", SEEDS).isNull();
  }
}
