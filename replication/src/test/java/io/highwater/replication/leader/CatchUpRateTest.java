package io.highwater.replication.leader;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CatchUpRateTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long BOUND_MS = 100;
  private static final int MIB = 1 << 20;

  private long now = 1_000;
  private final CatchUpRate rate = new CatchUpRate(BOUND_MS, now);

  /** A second in which so many batches waited so long. */
  private long second(int batches, long latencyMs, int sentBytes) {
    for (int i = 0; i < batches; i++) {
      rate.acknowledged(TimeUnit.MILLISECONDS.toNanos(latencyMs), now);
    }
    rate.sent(sentBytes, now);
    now += SECOND;
    return rate.bytesPerSecond(now);
  }

  @Test
  void nobodyIsHeldBackWhileProducersDoNotWait() {
    assertThat(second(1_000, BOUND_MS, 64 * MIB)).isEqualTo(CatchUpRate.UNLIMITED);
    assertThat(second(0, 0, 64 * MIB)).isEqualTo(CatchUpRate.UNLIMITED);
  }

  @Test
  void theRateIsHalvedWhileProducersWaitAndNeverEnds() {
    assertThat(second(100, BOUND_MS + 1, 64 * MIB)).isEqualTo(32 * MIB);
    assertThat(second(100, BOUND_MS + 1, 32 * MIB)).isEqualTo(16 * MIB);
    for (int i = 0; i < 20; i++) {
      assertThat(second(100, 10 * BOUND_MS, MIB)).isGreaterThanOrEqualTo(CatchUpRate.LEAST);
    }
    assertThat(rate.bytesPerSecond(now)).isEqualTo(CatchUpRate.LEAST);
  }

  @Test
  void betweenHalfTheBoundAndTheBoundItStays() {
    assertThat(second(100, 2 * BOUND_MS, 64 * MIB)).isEqualTo(32 * MIB);
    assertThat(second(100, BOUND_MS, 32 * MIB)).isEqualTo(32 * MIB);
    assertThat(second(100, BOUND_MS / 2, 32 * MIB)).isEqualTo(64 * MIB);
  }

  @Test
  void itIsLetLooseOnceProducersDoNotWaitOrAreGone() {
    second(100, 2 * BOUND_MS, 64 * MIB);
    assertThat(second(100, 1, MIB)).isEqualTo(64 * MIB);
    now += 60 * SECOND;
    assertThat(rate.bytesPerSecond(now)).isEqualTo(CatchUpRate.UNLIMITED);
  }

  @Test
  void fewBatchesAndFewLateOnesSayNothing() {
    assertThat(second(4, 2 * BOUND_MS, 64 * MIB)).isEqualTo(CatchUpRate.UNLIMITED);
    for (int i = 0; i < 90; i++) {
      rate.acknowledged(0, now);
    }
    assertThat(second(10, 2 * BOUND_MS, 64 * MIB)).isEqualTo(CatchUpRate.UNLIMITED);
  }

  @Test
  void withoutABoundProducersMayWaitForEver() {
    CatchUpRate boundless = new CatchUpRate(0, 0);
    for (int i = 0; i < 100; i++) {
      boundless.acknowledged(Long.MAX_VALUE, i);
    }
    assertThat(boundless.bytesPerSecond(2 * SECOND)).isEqualTo(CatchUpRate.UNLIMITED);
  }
}
