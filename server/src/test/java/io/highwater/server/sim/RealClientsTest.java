package io.highwater.server.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.replication.sim.Seeds;
import io.highwater.replication.sim.SimCluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random faults with the client's own classes, and with readers of followers (KIP-392). */
class RealClientsTest {
  private static final int SEEDS = 200;
  private static final int SEEDS_OF_A_FLAW = 100;

  @Test
  void everyRecordIsAcknowledgedAndReadOnceAndInOrder() {
    int seeds =
        Seeds.each(
            SEEDS,
            RealClientsTest.class,
            seed -> RealClients.play(RealClients.cluster(seed, ClientFlaw.NONE)));
    assertThat(seeds).isPositive();
  }

  @Test
  void theSameSeedIsTheSameRunToTheByte() {
    assertThat(trace(1)).isEqualTo(trace(1));
  }

  private static byte[] trace(long seed) {
    SimCluster cluster = RealClients.cluster(seed, ClientFlaw.NONE);
    cluster.scheduler().recordTrace();
    RealClients.play(cluster);
    return cluster.scheduler().recordedTrace();
  }

  @ParameterizedTest
  @CsvSource({
    "FOLLOWER_SENDS_UNCOMMITTED, REP-6",
    "POSITION_SKIPS_A_RECORD, CON-1",
    "RECEIPT_NAMES_ANOTHER_OFFSET, STO-1"
  })
  void aFlawedClusterIsCaught(ClientFlaw flaw, String ids) {
    assertThat(
            Seeds.caught(
                SEEDS_OF_A_FLAW, ids, seed -> RealClients.play(RealClients.cluster(seed, flaw))))
        .as("found in none of %s seeds", SEEDS_OF_A_FLAW)
        .isPresent();
  }
}
