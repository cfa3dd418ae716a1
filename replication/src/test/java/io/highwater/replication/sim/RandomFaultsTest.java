package io.highwater.replication.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Random faults over many seeds; see {@link Seeds}. */
class RandomFaultsTest {
  private static final int BATCHES = 40;
  private static final int FAULTS = 12;

  @Test
  void everyInvariantHoldsAfterEveryEvent() {
    long[] seeds = Seeds.first(300);
    long elections = 0;
    long truncations = 0;
    for (long seed : seeds) {
      SimCluster cluster = RandomFaults.play(seed, Flaw.NONE, BATCHES, FAULTS);
      elections += cluster.checker().elections();
      truncations += cluster.checker().truncations();
    }
    if (seeds.length >= 100) {
      assertThat(elections).as("the faults took hold").isGreaterThan(4L * seeds.length);
      assertThat(truncations).as("logs diverged").isPositive();
    }
  }

  @Test
  void theSameSeedIsTheSameRun() {
    for (long seed : new long[] {1, 2, 3}) {
      SimCluster once = RandomFaults.play(seed, Flaw.NONE, BATCHES, FAULTS);
      SimCluster again = RandomFaults.play(seed, Flaw.NONE, BATCHES, FAULTS);
      assertThat(again.scheduler().traceHash()).isEqualTo(once.scheduler().traceHash());
      assertThat(again.scheduler().executed()).isEqualTo(once.scheduler().executed());
    }
  }
}
