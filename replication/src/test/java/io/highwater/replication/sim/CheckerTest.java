package io.highwater.replication.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The simulation has teeth: clusters that break a rule on purpose are caught by one of its ids. */
class CheckerTest {
  private static final int SEEDS = 4_000;
  private static final int AIMED_SEEDS = 400;
  private static final int BATCHES = 40;
  private static final int FAULTS = 16;

  @Test
  void aClusterThatTrustsEqualEndsIsCaught() {
    assertThat(
            Seeds.caught(5, "[A-Z]", seed -> ContentFaults.forgedTail(seed, Flaw.TRUST_EQUAL_ENDS)))
        .hasValueSatisfying(found -> assertThat(found).contains("REP-2"));
  }

  @Test
  void aClusterThatTrustsAnyFileIsCaught() {
    assertThat(
            Seeds.caught(
                5,
                "LEP-7|REP-[1-3]|STO-10",
                seed -> ContentFaults.exchangedLogs(seed, Flaw.TRUST_ANY_FILE)))
        .isPresent();
  }

  @Test
  void aClusterThatForgetsTombstonesIsCaught() {
    assertThat(
            Seeds.caught(
                5, "CMP-6", seed -> ContentFaults.missedTombstone(seed, Flaw.FORGET_TOMBSTONES)))
        .isPresent();
  }

  @Test
  void aClusterThatElectsWhoeverLostDataIsCaught() {
    assertThat(
            Seeds.caught(
                AIMED_SEEDS,
                "REP-[13]",
                seed -> LeaderFaults.cutTails(seed, Flaw.ELECT_UNCLEAN_REPLICA)))
        .isPresent();
  }

  @Test
  void aClusterThatBelievesAnyLeaderEpochIsCaught() {
    assertThat(
            Seeds.caught(
                AIMED_SEEDS,
                "LEP-7|REP-[1-4]",
                seed -> LeaderFaults.deathsInBadWeather(seed, Flaw.SKIP_EPOCH_CHECK)))
        .isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "TRUNCATE_TO_HIGH_WATERMARK, LEP-7",
    "ACK_BEFORE_HIGH_WATERMARK, ACK-1",
    "CALL_UNKNOWN_REFUSED, ACK-2",
    "COUNT_COMMITTED_ISR_ONLY, REP-3",
    "FORGET_PRODUCERS_AT_FAILOVER, IDM-[12]",
    "SKIP_FSYNC, LEP-7|REP-[13]",
    "JOIN_BEFORE_CAUGHT_UP, REP-3",
    "ADVANCE_BELOW_MIN_ISR, REP-3",
    "MOVE_BEFORE_CAUGHT_UP, REP-[13]",
    "DELETE_BEFORE_MOVED, CTL-5",
    "FORGET_DEAD_DIRECTORY, LEP-7|REP-8"
  })
  void aFlawedClusterIsCaught(Flaw flaw, String ids) {
    assertThat(Seeds.caught(SEEDS, ids, seed -> RandomFaults.play(seed, flaw, BATCHES, FAULTS)))
        .as("found in none of %s seeds", SEEDS)
        .isPresent();
  }
}
