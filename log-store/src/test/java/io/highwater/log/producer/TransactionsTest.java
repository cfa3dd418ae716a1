package io.highwater.log.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.Batches;
import io.highwater.log.LogFixture;
import io.highwater.log.index.AbortedTransaction;
import io.highwater.log.recover.LastKnown;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** KIP-98: transactions are followed through the log, although no client can write one yet. */
class TransactionsTest {
  private final LogFixture fixture = new LogFixture().open();

  private void follow(ByteBuffer batch) {
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

  private List<AbortedTransaction> aborted() {
    return fixture.log.abortedTransactions(0, Long.MAX_VALUE);
  }

  /** Fills several segments; returns what is aborted. */
  private List<AbortedTransaction> abortNowAndThen() {
    List<AbortedTransaction> expected = new ArrayList<>();
    produce(9, 0);
    for (int i = 0; i < 60; i++) {
      long first = fixture.log.logEndOffset();
      produce(7, i);
      follow(Batches.of(1, "between"));
      end(7, i % 4 != 0);
      if (i % 4 != 0) {
        expected.add(new AbortedTransaction(7, first, first + 2, i < 30 ? 0 : first + 3));
      }
      if (i == 29) {
        long end = fixture.log.logEndOffset();
        end(9, true);
        expected.add(new AbortedTransaction(9, 0, end, end + 1));
      }
    }
    return expected;
  }

  @Test
  void whatIsAbortedIsFoundByRange() {
    List<AbortedTransaction> expected = abortNowAndThen();
    assertThat(aborted()).isEqualTo(expected);
    assertThat(fixture.log.abortedTransactions(95, 100))
        .isEqualTo(
            expected.stream()
                .filter(one -> one.lastOffset() >= 95 && one.firstOffset() < 100)
                .toList());
    assertThat(fixture.log.abortedTransactions(0, 1))
        .extracting(AbortedTransaction::producerId)
        .containsExactly(9L);
  }

  /** REC-4: rebuilt, it is as on a node that never crashed. */
  @Test
  void theTransactionIndexOutlivesRestartsDamageAndCuts() throws Exception {
    List<AbortedTransaction> expected = abortNowAndThen();
    fixture.reopenCleanly();
    assertThat(aborted()).isEqualTo(expected);
    fixture.log.flush();
    fixture.checkpoint().reopenAfterKill();
    assertThat(aborted()).isEqualTo(expected);
    fixture.known = LastKnown.NOTHING;
    fixture.reopenAfterKill();
    assertThat(aborted()).isEqualTo(expected);

    fixture.log.closeCleanly();
    LastKnown clean = new LastKnown(true, fixture.log.logEndOffset(), 0, 0);
    int damaged = 0;
    for (String name : fixture.storage.list(LogFixture.DIRECTORY)) {
      if (name.endsWith(".txnindex") || name.endsWith(".manifest")) {
        for (int kind = 0; kind < 3; kind++) {
          LogFixture other = new LogFixture(fixture.storage.copy());
          Path file = LogFixture.DIRECTORY.resolve(name);
          if (kind == 0) {
            other.storage.deleteIfExists(file);
          } else {
            byte[] bytes = other.storage.content(file);
            bytes[bytes.length / 2] ^= 1;
            other.storage.replace(file, kind == 1 ? bytes : new byte[bytes.length]);
          }
          other.known = clean;
          other.open();
          assertThat(other.log.abortedTransactions(0, Long.MAX_VALUE)).as(name).isEqualTo(expected);
          damaged++;
        }
      }
    }
    assertThat(damaged).isGreaterThan(20);

    fixture.known = clean;
    fixture.open();
    for (int i = 43; i > 10; i -= 3) {
      long end = expected.get(i).lastOffset();
      fixture.log.truncateTo(end);
      assertThat(aborted()).isEqualTo(expected.subList(0, i));
    }
    follow(Batches.marker(7, 0, true, 3));
    assertThat(aborted()).hasSizeGreaterThan(10);
  }
}
