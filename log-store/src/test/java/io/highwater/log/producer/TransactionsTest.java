package io.highwater.log.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.Batches;
import io.highwater.log.LogFixture;
import org.junit.jupiter.api.Test;

/** KIP-98: transactions are followed through the log, although no client can write one yet. */
class TransactionsTest {
  private final LogFixture fixture = new LogFixture().open();

  private void follow(java.nio.ByteBuffer batch) {
    long end = fixture.log.logEndOffset();
    fixture.log.appendAsFollower(Batches.stamped(batch, end, 0), end, 0);
  }

  private void produce(long producerId, int sequence) {
    follow(Batches.transactional(producerId, 0, sequence, "v"));
  }

  private void end(long producerId, boolean abort) {
    follow(Batches.marker(producerId, 0, abort, 3));
  }

  private long stable() {
    return fixture.log.lastStableOffset();
  }

  @Test
  void anOpenTransactionHoldsBackTheLastStableOffset() {
    follow(Batches.of(1, "a"));
    produce(7, 0);
    produce(8, 0);
    fixture.log.advanceHighWatermark(2);
    assertThat(stable()).isEqualTo(1);
    end(7, false);
    fixture.log.advanceHighWatermark(3);
    // Its end is not committed: another leader may end it differently.
    assertThat(stable()).isEqualTo(1);
    fixture.log.advanceHighWatermark(4);
    assertThat(stable()).isEqualTo(2);
    end(8, true);
    fixture.log.advanceHighWatermark(5);
    assertThat(stable()).isEqualTo(5);
  }

  @Test
  void theEndOfATransactionMayRaiseTheProducersEpoch() {
    produce(7, 0);
    follow(Batches.marker(7, 1, false, 3));
    ProducerState state = fixture.log.producers().all().iterator().next();
    assertThat(state.epoch()).isEqualTo((short) 1);
    assertThat(state.isEmpty()).isTrue();
    assertThat(state.nextSequence()).isZero();
    assertThat(state.coordinatorEpoch()).isEqualTo(3);
    fixture.reopenCleanly();
    assertThat(fixture.log.producers().all()).hasToString("[" + state + "]");
  }

  /** REC-4, IDM-3: whatever way the log was opened, it knows the same. */
  @Test
  void openTransactionsOutliveEveryKindOfRestart() {
    for (int i = 0; i < 40; i++) {
      produce(7, i);
      if (i % 3 == 1) {
        end(7, i % 2 == 0);
      }
      if (i == 5) {
        produce(9, 0);
      }
    }
    long openSince = 8;
    fixture.log.advanceHighWatermark(Long.MAX_VALUE);
    assertThat(stable()).isEqualTo(openSince);
    String producers = fixture.log.producers().all().toString();

    fixture.reopenCleanly();
    assertThat(fixture.log.producers().all()).hasToString(producers);
    assertThat(stable()).isEqualTo(openSince);
    fixture.checkpoint().reopenAfterKill();
    assertThat(fixture.log.producers().all()).hasToString(producers);
    assertThat(stable()).isEqualTo(openSince);

    fixture.nowMs.addAndGet(2 * fixture.config.producerExpirationMs());
    assertThat(fixture.log.expireProducers()).isZero();
  }

  @Test
  void aCutOpensTheTransactionWhoseEndItTakes() {
    for (int i = 0; i < 30; i++) {
      follow(Batches.of(1, "x".repeat(100)));
    }
    produce(7, 0);
    end(7, true);
    for (int i = 0; i < 30; i++) {
      follow(Batches.of(1, "x".repeat(100)));
    }
    fixture.log.truncateTo(31);
    fixture.log.advanceHighWatermark(Long.MAX_VALUE);
    assertThat(stable()).isEqualTo(30);
    end(7, false);
    fixture.log.advanceHighWatermark(Long.MAX_VALUE);
    assertThat(stable()).isEqualTo(32);
    fixture.log.truncateTo(30);
    fixture.log.resetTo(100);
    assertThat(stable()).isEqualTo(100);
  }
}
