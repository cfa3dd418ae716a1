package io.highwater.replication.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/** Random faults over many seeds; see {@link Seeds}. */
class RandomFaultsTest {
  private static final int SEEDS = 1_500;
  private static final int BATCHES = 40;
  private static final int FAULTS = 16;

  @Test
  void everyInvariantHoldsAfterEveryEventAndClientsSeeNoAnomaly() {
    LongAdder elections = new LongAdder();
    LongAdder truncations = new LongAdder();
    LongAdder reads = new LongAdder();
    LongAdder impaired = new LongAdder();
    int seeds =
        Seeds.each(
            SEEDS,
            RandomFaultsTest.class,
            seed -> {
              SimCluster cluster = RandomFaults.play(seed, Flaw.NONE, BATCHES, FAULTS);
              elections.add(cluster.checker().elections());
              truncations.add(cluster.checker().truncations());
              reads.add(cluster.history().reads());
              impaired.add(cluster.impaired());
            });
    if (seeds >= 100) {
      assertThat(elections.sum()).as("the faults took hold").isGreaterThan(4L * seeds);
      assertThat(truncations.sum()).as("logs diverged").isPositive();
      assertThat(impaired.sum()).as("log directories failed alone").isGreaterThan(seeds / 10);
      assertThat(reads.sum()).as("consumers had work").isGreaterThan(100L * seeds);
    }
  }

  @Test
  void theSameSeedIsTheSameRunToTheByte() {
    for (long seed : new long[] {1, 2, 3}) {
      assertThat(trace(seed)).isEqualTo(trace(seed));
    }
  }

  private static byte[] trace(long seed) {
    SimCluster cluster = new SimCluster(seed, Flaw.NONE);
    cluster.scheduler().recordTrace();
    RandomFaults.play(cluster, BATCHES, FAULTS);
    return cluster.scheduler().recordedTrace();
  }
}
