package io.highwater.replication.sim.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.Outcome;
import io.highwater.replication.sim.history.Anomaly.Kind;
import io.highwater.replication.sim.history.ClientHistory.Read;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Every anomaly is seen in a history that has it, and none in one that has not. */
class HistoryCheckerTest {
  private static final int PRODUCER = 1;
  private static final int OTHER = 2;
  private static final int READER = 8;
  private static final int LAST_READER = 9;

  private final ClientHistory history = new ClientHistory();

  private Send sent(int process, long value, boolean acksAll, Outcome outcome, long offset) {
    Send send = history.invoked(process, value, 1, acksAll);
    history.ended(send, outcome, offset);
    return send;
  }

  private void committed(long value, long offset) {
    sent(PRODUCER, value, true, Outcome.DONE, offset);
  }

  private void polled(int process, long offset, long... values) {
    List<Read> reads = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      reads.add(new Read(offset + i, values[i]));
    }
    history.polled(process, reads);
  }

  private void readAtLast(long... values) {
    history.endsNow();
    polled(LAST_READER, 0, values);
  }

  private void expect(Kind... kinds) {
    assertThat(HistoryChecker.check(history)).extracting(Anomaly::kind).containsOnly(kinds);
  }

  @Test
  void aCleanHistoryHasNone() {
    committed(10, 0);
    polled(READER, 0, 10);
    history.endOffset(READER, history.now(), 1);
    sent(PRODUCER, 11, true, Outcome.REFUSED, -1);
    sent(OTHER, 20, true, Outcome.UNKNOWN, -1);
    sent(OTHER, 21, false, Outcome.DONE, 7); // Gone with a leader, as acks=1 allows.
    committed(12, 1);
    Send open = history.invoked(OTHER, 22, 1, true);
    polled(READER, 1, 12, 22);
    readAtLast(10, 12, 22);

    assertThat(open.outcome()).isEqualTo(Outcome.UNKNOWN);
    expect();
  }

  @Test
  void anOffsetWithTwoValues() {
    committed(10, 0);
    sent(OTHER, 20, true, Outcome.UNKNOWN, -1);
    polled(READER, 0, 20);
    readAtLast(20);
    expect(Kind.INCONSISTENT_OFFSETS, Kind.LOST_WRITE);
  }

  @Test
  void aValueThatNobodySent() {
    readAtLast(10);
    expect(Kind.PHANTOM);
  }

  @Test
  void aCommittedValueLostInTheMiddle() {
    committed(10, 0);
    committed(11, 1);
    committed(12, 2);
    history.endsNow();
    history.polled(LAST_READER, List.of(new Read(0, 10), new Read(2, 12)));
    expect(Kind.LOST_WRITE, Kind.POLL_SKIP);
  }

  @Test
  void aCommittedValueLostAtTheTail() {
    committed(10, 0);
    committed(11, 1);
    readAtLast(10);
    expect(Kind.UNSEEN);
  }

  @Test
  void aValueThatWasReadAndIsGone() {
    sent(PRODUCER, 10, false, Outcome.DONE, 0);
    sent(PRODUCER, 11, false, Outcome.DONE, 1);
    polled(READER, 0, 10, 11);
    readAtLast(10);
    expect(Kind.READ_THEN_GONE);
  }

  @Test
  void aValueAtTwoOffsets() {
    sent(PRODUCER, 10, true, Outcome.UNKNOWN, -1);
    readAtLast(10, 10);
    expect(Kind.DUPLICATE);
  }

  @Test
  void valuesOfAProducerOutOfOrder() {
    sent(PRODUCER, 10, true, Outcome.UNKNOWN, -1);
    sent(PRODUCER, 11, true, Outcome.UNKNOWN, -1);
    readAtLast(11, 10);
    expect(Kind.REORDERED);
  }

  @Test
  void aFailedValueThatIsVisible() {
    sent(PRODUCER, 10, true, Outcome.REFUSED, -1);
    readAtLast(10);
    expect(Kind.ABORTED_READ);
  }

  @Test
  void aLaterSendAtALowerOffset() {
    sent(OTHER, 20, true, Outcome.DONE, 1);
    sent(PRODUCER, 10, true, Outcome.DONE, 0);
    readAtLast(10, 20);
    expect(Kind.REALTIME_ORDER);
  }

  @Test
  void aReaderThatJumps() {
    committed(10, 0);
    committed(11, 1);
    committed(12, 2);
    polled(READER, 0, 10);
    polled(READER, 2, 12);
    readAtLast(10, 11, 12);
    expect(Kind.POLL_SKIP);
  }

  @Test
  void aReaderThatGoesBack() {
    committed(10, 0);
    committed(11, 1);
    polled(READER, 0, 10, 11);
    polled(READER, 1, 11);
    readAtLast(10, 11);
    expect(Kind.NONMONOTONIC_POLL);
  }

  @Test
  void anEndOffsetThatLacksACommit() {
    committed(10, 0);
    history.endOffset(READER, history.now(), 0);
    readAtLast(10);
    expect(Kind.STALE_END_OFFSET);
  }

  @Test
  void anEndOffsetThatGoesBack() {
    sent(PRODUCER, 10, true, Outcome.UNKNOWN, -1);
    history.endOffset(READER, history.now(), 1);
    history.endOffset(READER, history.now(), 0);
    readAtLast(10);
    expect(Kind.STALE_END_OFFSET);
  }

  @Test
  void anEndOffsetAskedForBeforeTheCommitMayLackIt() {
    long asked = history.now();
    committed(10, 0);
    history.endOffset(READER, asked, 0);
    readAtLast(10);
    expect();
  }

  @Test
  void whatWasSaidBeforeAnAllowedLossBindsNobody() {
    committed(10, 0);
    polled(READER, 0, 10);
    history.forget();
    committed(11, 0);
    readAtLast(11);
    expect();
  }

  /** Whatever is changed in what the last reader saw of a clean history shows. */
  @Test
  void everyMutationOfACleanLogIsSeen() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      List<Long> log = new ArrayList<>();
      ClientHistory run = new ClientHistory();
      for (long i = 0; i < 50; i++) {
        int process = 1 + random.nextInt(3);
        long value = process * 1_000L + i;
        run.ended(run.invoked(process, value, 1, true), Outcome.DONE, log.size());
        log.add(value);
      }
      mutate(log, random);
      run.endsNow();
      List<Read> reads = new ArrayList<>();
      for (int i = 0; i < log.size(); i++) {
        reads.add(new Read(i, log.get(i)));
      }
      run.polled(LAST_READER, reads);
      assertThat(HistoryChecker.check(run)).as("seed %s", seed).isNotEmpty();
    }
  }

  private static void mutate(List<Long> log, Random random) {
    int at = random.nextInt(log.size() - 1);
    switch (random.nextInt(4)) {
      case 0 -> log.remove(at);
      case 1 -> log.add(at, log.get(at + 1));
      case 2 -> log.set(at, log.set(at + 1, log.get(at)));
      default -> log.set(at, 9_999L);
    }
  }
}
