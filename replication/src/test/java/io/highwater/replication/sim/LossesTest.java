package io.highwater.replication.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.RecordLoss;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every machine loses power at once, and what that took is told; see {@link LossChecker}. */
class LossesTest {
  private static final int SEEDS = 200;
  private static final int BATCHES = 20;

  @Test
  void whatAllLostIsOnRecordAndToldToEachReaderBeyond() {
    Set<Long> lossy = ConcurrentHashMap.newKeySet();
    int seeds =
        Seeds.each(
            SEEDS,
            LossesTest.class,
            seed -> {
              if (play(seed, Flaw.NONE).hasLost()) {
                lossy.add(seed);
              }
            });
    assertThat(seeds < 20 || !lossy.isEmpty()).as("something was lost").isTrue();
  }

  /** In doubt it is a possible loss: a log of a newer epoch than any that had all may have won. */
  @Test
  void whoeverWasOnlyKilledLostNothingAndThatIsOnRecord() {
    AtomicInteger killed = new AtomicInteger();
    AtomicInteger open = new AtomicInteger();
    int seeds =
        Seeds.each(
            SEEDS / 10,
            LossesTest.class,
            seed -> {
              SimCluster cluster = new SimCluster(seed, Flaw.NONE);
              cluster.start(BATCHES);
              cluster.runFor(200 + seed % 7 * 100);
              killAllAndRestart(cluster);
              for (PartitionImage partition : cluster.partitions()) {
                for (RecordLoss loss : partition.losses()) {
                  assertThat(loss.isCertain()).as("%s", loss).isFalse();
                  (loss.cause() == RecordLoss.Cause.ALL_KILLED ? killed : open).incrementAndGet();
                }
              }
              cluster.settle();
            });
    assertThat(seeds < 20 || killed.get() > 2 * open.get())
        .as("%s elections of killed ones, %s that may have lost something", killed, open)
        .isTrue();
  }

  /**
   * An epoch in which nothing was written makes no log longer than it is. In doubt remain those who
   * were killed before they had written down under which epoch they ran, or of whom a registration
   * came late.
   */
  @Test
  void whoeverIsKilledAgainAndAgainWithoutWritesLostNothing() {
    AtomicInteger killed = new AtomicInteger();
    AtomicInteger open = new AtomicInteger();
    int seeds =
        Seeds.each(
            SEEDS / 10,
            LossesTest.class,
            seed -> {
              SimCluster cluster = new SimCluster(seed, Flaw.NONE);
              cluster.start(BATCHES);
              cluster.settle();
              for (int round = 0; round < 3; round++) {
                killAllAndRestart(cluster);
              }
              for (PartitionImage partition : cluster.partitions()) {
                for (RecordLoss loss : partition.losses()) {
                  assertThat(loss.isCertain()).as("%s", loss).isFalse();
                  (loss.cause() == RecordLoss.Cause.ALL_KILLED ? killed : open).incrementAndGet();
                }
              }
            });
    assertThat(seeds < 20 || (killed.get() > 0 && killed.get() > 8 * open.get()))
        .as("%s elections of killed ones, %s that may have lost something", killed, open)
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "LOSS_NOT_RECORDED, LEP-7",
    "READERS_EPOCH_IGNORED, CON-1",
    "TAKE_POWER_LOSS_FOR_A_KILL, LEP-7"
  })
  void aFlawedClusterIsCaught(Flaw flaw, String ids) {
    assertThat(Seeds.caught(SEEDS, ids, seed -> play(seed, flaw)))
        .as("found in none of %s seeds", SEEDS)
        .isPresent();
  }

  private static void killAllAndRestart(SimCluster cluster) {
    long before = cluster.quorum().image().index();
    cluster.killAll();
    cluster.runFor(300);
    cluster.restartAll();
    cluster.runUntil(
        "all are back and lead again",
        10_000,
        () ->
            cluster.quorum().image().brokers().stream().allMatch(b -> b.epoch() > before)
                && cluster.isHealthy()
                && cluster.isFullyInSync());
  }

  private static LossChecker play(long seed, Flaw flaw) {
    SimCluster cluster = new SimCluster(seed, flaw);
    cluster.start(BATCHES);
    cluster.runFor(200 + seed % 7 * 100);
    cluster.loseAllPower();
    cluster.runFor(300);
    cluster.restartAll();
    cluster.runUntil(
        "the longest logs lead", 10_000, () -> cluster.isHealthy() && cluster.isFullyInSync());
    cluster.lossIsOver();
    cluster.clients().start(BATCHES);
    cluster.settle();
    return cluster.checker().losses();
  }
}
