package io.highwater.client.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.client.cli.AckLedger.Fault;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AckLedgerTest {
  private static final int PARTITIONS = 3;

  private record Stored(int partition, long offset, long fingerprint) {}

  private final AckLedger ledger = new AckLedger(PARTITIONS);
  private final List<Stored> log = new ArrayList<>();
  private final long[] end = new long[PARTITIONS];

  @Property(tries = 100)
  void anIntactLogIsProvenWhateverTheOrderOfAcknowledgements(
      @ForAll @IntRange(max = 300) int records, @ForAll long seed) {
    AckLedger fresh = new AckLedger(PARTITIONS);
    Random random = new Random(seed);
    List<Runnable> acknowledgements = new ArrayList<>();
    List<Stored> stored = new ArrayList<>();
    long[] next = new long[PARTITIONS];
    for (int i = 0; i < records; i++) {
      int sequence = fresh.sent();
      int partition = random.nextInt(PARTITIONS);
      long offset = next[partition]++;
      long fingerprint = random.nextInt(5);
      stored.add(new Stored(partition, offset, fingerprint));
      acknowledgements.add(
          () -> fresh.acknowledged(sequence, null, fingerprint, partition, offset));
    }
    Collections.shuffle(acknowledgements, random);
    acknowledgements.forEach(Runnable::run);
    stored.forEach(s -> fresh.consumed(s.partition, s.offset, s.fingerprint));
    assertThat(fresh.verdict().proven()).isTrue();
    assertThat(fresh.verdict().intact()).isEqualTo(records);
  }

  @Property
  void everyDroppedRecordIsFound(@ForAll @IntRange(max = 29) int dropped) {
    AckLedgerTest run = filled();
    run.log.remove(dropped);
    assertThat(run.verdict().faults()).containsOnlyKeys(Fault.LOST).containsEntry(Fault.LOST, 1L);
  }

  @Property
  void everyRecordReadTwiceIsFound(@ForAll @IntRange(max = 29) int repeated) {
    AckLedgerTest run = filled();
    run.log.add(repeated, run.log.get(repeated));
    assertThat(run.verdict().faults()).containsOnlyKeys(Fault.DUPLICATE);
  }

  @Property
  void everyRecordStoredTwiceIsFound(@ForAll @IntRange(max = 29) int repeated) {
    AckLedgerTest run = filled();
    Stored original = run.log.get(repeated);
    run.log.add(new Stored(original.partition, run.end[original.partition], original.fingerprint));
    assertThat(run.verdict().faults()).containsOnlyKeys(Fault.DUPLICATE);
  }

  @Property
  void everyChangedRecordIsFound(@ForAll @IntRange(max = 29) int changed) {
    AckLedgerTest run = filled();
    Stored original = run.log.get(changed);
    run.log.set(
        changed, new Stored(original.partition, original.offset, original.fingerprint ^ 1L << 40));
    assertThat(run.verdict().faults()).containsOnlyKeys(Fault.CORRUPT);
  }

  @Test
  void recordsStoredInAnotherOrderThanSentAreFound() {
    int first = ledger.sent();
    int second = ledger.sent();
    acknowledge(second, "b", 0);
    acknowledge(first, "a", 0);
    assertThat(verdict().faults()).containsOnlyKeys(Fault.REORDERED);
  }

  @Test
  void aKeyInTwoPartitionsIsFound() {
    acknowledge(ledger.sent(), "key", 0);
    acknowledge(ledger.sent(), "key", 1);
    assertThat(verdict().faults()).containsOnlyKeys(Fault.REORDERED);
  }

  @Test
  void twoRecordsAcknowledgedAtOnePlaceAreFound() {
    acknowledge(ledger.sent(), "a", 0);
    ledger.acknowledged(ledger.sent(), null, 9, 0, 0);
    assertThat(verdict().faults()).containsKey(Fault.LOST);
    assertThat(verdict().proven()).isFalse();
  }

  @Test
  void anAbsurdOffsetIsAFaultAndNotAnAllocation() {
    ledger.acknowledged(ledger.sent(), null, 9, 0, Long.MAX_VALUE - 1);
    assertThat(verdict().faults()).containsOnlyKeys(Fault.DUPLICATE);
  }

  @Test
  void theFingerprintTellsKeyFromValueAndNoKeyFromAnEmptyOne() {
    assertThat(AckLedger.fingerprint(bytes("ab"), bytes("c")))
        .isNotEqualTo(AckLedger.fingerprint(bytes("a"), bytes("bc")))
        .isNotEqualTo(AckLedger.fingerprint(null, bytes("abc")));
    assertThat(AckLedger.fingerprint(null, bytes("x")))
        .isNotEqualTo(AckLedger.fingerprint(bytes(""), bytes("x")))
        .isEqualTo(AckLedger.fingerprint(null, bytes("x")));
  }

  private static AckLedgerTest filled() {
    AckLedgerTest run = new AckLedgerTest();
    for (int i = 0; i < 30; i++) {
      run.acknowledge(run.ledger.sent(), "key-" + i % 7, i % 7 % PARTITIONS);
    }
    return run;
  }

  private void acknowledge(int sequence, String key, int partition) {
    long fingerprint = AckLedger.fingerprint(bytes(key), bytes("value-" + sequence));
    long offset = end[partition]++;
    ledger.acknowledged(sequence, bytes(key), fingerprint, partition, offset);
    log.add(new Stored(partition, offset, fingerprint));
  }

  private AckLedger.Verdict verdict() {
    log.forEach(s -> ledger.consumed(s.partition, s.offset, s.fingerprint));
    log.clear();
    return ledger.verdict();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
