package io.highwater.log.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.Batches;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.Codec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What a cleaning leaves of transactions (CMP-3, KIP-98) and of live producers (CMP-4). */
class CompactedTransactionsTest {
  private static final long EXPIRED_MS = 2 * KeyedLog.SMALL.producerExpirationMs();

  private final KeyedLog log = new KeyedLog();

  private void follow(ByteBuffer batch) {
    long end = log.fixture.log.logEndOffset();
    log.fixture.log.appendAsFollower(Batches.stamped(batch, end, 0), end, 0);
  }

  /** A record in a transaction; its key is "k" and the number of the value's characters. */
  private void produce(long producerId, String value) {
    follow(Batches.transactional(producerId, 0, 0, value));
  }

  private void end(long producerId, boolean abort) {
    follow(Batches.marker(producerId, 0, abort, 3));
  }

  private void cleanWhatIsNew() {
    log.roll();
    assertThat(log.clean()).isPresent();
  }

  private <T> List<T> ofBatches(Predicate<BatchView> which, Function<BatchView, T> what) {
    List<T> found = new ArrayList<>();
    log.batches(
        0,
        (batch, records) -> {
          if (which.test(batch)) {
            found.add(what.apply(batch));
          }
        });
    return found;
  }

  /** Producers whose transactions have a marker. */
  private List<Long> markers() {
    return ofBatches(batch -> batch.isControl() && batch.recordCount() > 0, BatchView::producerId);
  }

  private List<String> values() {
    List<String> values = new ArrayList<>();
    log.batches(
        0,
        (batch, records) -> {
          while (!batch.isControl() && records.next()) {
            String value = new String(records.value(), StandardCharsets.UTF_8);
            if (!value.startsWith("xxx")) {
              values.add(value);
            }
          }
        });
    return values;
  }

  /** CMP-3. */
  @Test
  void abortedRecordsGoAtOnceAndTheirMarkerAfterTheDeleteRetention() {
    log.append("k3=old");
    produce(7, "bad");
    produce(8, "fine");
    end(7, true);
    end(8, false);
    log.fixture.nowMs.addAndGet(EXPIRED_MS);
    assertThat(log.fixture.log.expireProducers()).isEqualTo(2);

    cleanWhatIsNew();
    assertThat(values()).containsExactly("old", "fine");
    assertThat(markers()).containsExactly(7L, 8L);

    // The first cleaning that meets no record of it starts the time.
    log.fixture.nowMs.addAndGet(500_000);
    cleanWhatIsNew();
    log.fixture.nowMs.addAndGet(KeyedLog.COMPACT.deleteRetentionMs() - 1);
    cleanWhatIsNew();
    assertThat(markers()).containsExactly(7L, 8L);
    log.fixture.nowMs.addAndGet(1);
    cleanWhatIsNew();
    assertThat(markers()).containsExactly(8L);
    assertThat(values()).containsExactly("old", "fine");
  }

  /** CMP-1, CMP-2: what lies below the last stable offset may be decided by a later segment. */
  @Test
  void recordsAreAbortedAlsoWhereTheirMarkerIsNotCleanedYet() {
    log.append("k3=old");
    produce(7, "bad");
    log.roll();
    assertThat(log.clean()).as("while the transaction is open").isEmpty();
    end(7, true);
    assertThat(log.clean()).isPresent();
    assertThat(values()).containsExactly("old");

    cleanWhatIsNew();
    assertThat(values()).containsExactly("old");
    log.fixture.checkpoint().reopenAfterKill();
    assertThat(values()).containsExactly("old");
    assertThat(log.fixture.log.lastStableOffset()).isEqualTo(log.fixture.log.highWatermark());
  }

  /** CMP-3: a marker is needed as long as a record of its transaction is there. */
  @Test
  void theMarkerOfACommitGoesAfterTheLastRecordOfIt() {
    produce(7, "fine");
    end(7, false);
    log.fixture.nowMs.addAndGet(EXPIRED_MS);
    log.fixture.log.expireProducers();
    for (int i = 0; i < 3; i++) {
      cleanWhatIsNew();
      log.fixture.nowMs.addAndGet(2 * KeyedLog.COMPACT.deleteRetentionMs());
    }
    assertThat(markers()).containsExactly(7L);
    log.append("k4=new");
    cleanWhatIsNew();
    cleanWhatIsNew();
    assertThat(markers()).containsExactly(7L);
    log.fixture.nowMs.addAndGet(KeyedLog.COMPACT.deleteRetentionMs());
    cleanWhatIsNew();
    assertThat(markers()).isEmpty();
    assertThat(values()).containsExactly("new");
  }

  /** CMP-4, IDM-2: of the last five batches of each, until the producer is forgotten. */
  @Test
  void theLastBatchesOfALiveProducerKeepTheirHeaders() {
    for (int sequence = 0; sequence < 7; sequence++) {
      log.append(Codec.LZ4, 7, sequence, "same=" + sequence);
    }
    log.append("same=last");
    for (int i = 0; i < 2; i++) {
      cleanWhatIsNew();
      assertThat(ofBatches(BatchView::hasProducerId, BatchView::baseSequence))
          .containsExactly(2, 3, 4, 5, 6);
      assertThat(ofBatches(BatchView::hasProducerId, BatchView::lastOffset))
          .containsExactly(2L, 3L, 4L, 5L, 6L);
      assertThat(ofBatches(BatchView::hasProducerId, BatchView::recordCount)).containsOnly(0);
    }
    assertThat(values()).containsExactly("last");

    log.fixture.nowMs.addAndGet(EXPIRED_MS);
    assertThat(log.fixture.log.expireProducers()).isEqualTo(1);
    cleanWhatIsNew();
    assertThat(ofBatches(BatchView::hasProducerId, BatchView::baseSequence)).isEmpty();
  }
}
