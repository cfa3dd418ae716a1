package io.highwater.perf.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SendLoopTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private final SteppedClock clock = new SteppedClock();
  private final List<Long> tokens = new ArrayList<>();
  private LatencyLog latencies;
  private LatencyLog lag;
  private SendCount count;
  private Payloads pool;

  @BeforeEach
  void open() throws IOException {
    latencies = new LatencyLog(null);
    lag = new LatencyLog(null);
    count = new SendCount(clock, latencies);
    pool = Payloads.of(PayloadSpec.ofBytes(100));
  }

  @Test
  void aStallIsLatencyOfEveryRecordThatWasDueMeanwhile() {
    // 1,000 records per second, each answered at once; the send of record 100 blocks for a second.
    SendLoop loop = loop(n -> n == 100 ? 1_000 * MILLI : 0, false);

    loop.paced(Extent.ofRecords(2_000), new Pace(0, 1_000), 0, count, lag);

    Histogram nanos = recorded();
    assertThat(nanos.getTotalCount()).isEqualTo(2_000);
    assertThat(nanos.getMaxValue()).isBetween(999 * MILLI, 1_001 * MILLI);
    // Due 1 to 1,000 ms after the stall began: half of them waited for more than half of it.
    assertThat(nanos.getCountBetweenValues(499 * MILLI, 2_000 * MILLI)).isBetween(495L, 505L);
    assertThat(nanos.getCountBetweenValues(0, MILLI)).isBetween(995L, 1_005L);
    lag.endInterval();
    assertThat(lag.total().getMaxValue()).isBetween(998 * MILLI, 1_001 * MILLI);
  }

  @Test
  void withoutAPaceOneInSixtyFourIsTimed() {
    SendLoop loop = loop(n -> MILLI, false);

    loop.unpaced(Extent.ofRecords(640), 0, count);

    assertThat(count.acknowledged()).isEqualTo(640);
    assertThat(tokens.stream().filter(token -> token != SendCompletion.NO_TOKEN)).hasSize(10);
    assertThat(recorded().getMaxValue()).isBetween(MILLI, MILLI + MILLI / 100);
  }

  @Test
  void aDurationEndsTheLoop() {
    SendLoop loop = loop(n -> MILLI, false);

    loop.unpaced(Extent.ofMillis(128), 0, count);

    assertThat(count.acknowledged()).isEqualTo(128);
  }

  @Test
  void synchronousSendsAreTimedOneByOne() {
    SendLoop loop = loop(n -> 2 * MILLI, false);

    loop.synchronous(Extent.ofRecords(50), null, 0, count, latencies);

    assertThat(clock.nanoTime()).isEqualTo(100 * MILLI);
    assertThat(recorded().getTotalCount()).isEqualTo(50);
    assertThat(recorded().getMaxValue()).isBetween(2 * MILLI, 2 * MILLI + MILLI / 100);
  }

  @Test
  void theFirstFailureEndsTheLoopAndIsKept() {
    SendLoop loop = loop(n -> 0, true);

    loop.paced(Extent.ofRecords(50), new Pace(0, 1_000), 0, count, lag);

    assertThat(count.failed()).isEqualTo(1);
    assertThat(count.failure()).hasMessage("refused");
    assertThat(recorded().getTotalCount()).isZero();
  }

  @Test
  void whatIsSentIsSummedUp() {
    SendLoop loop = loop(n -> 0, false);

    loop.unpaced(Extent.ofRecords(pool.count() + 3L), 0, count);

    long checksum = 0;
    for (int i = 0; i < pool.count() + 3; i++) {
      checksum += pool.checksumAt(i % pool.count()) & 0xffff_ffffL;
    }
    assertThat(loop.sent())
        .isEqualTo(new Tally(pool.count() + 3L, (pool.count() + 3L) * 100, checksum));
  }

  /** How long the client takes for a record. */
  private interface Cost {
    long nanosOf(int index);
  }

  private SendLoop loop(Cost cost, boolean failing) {
    RecordSink sink =
        new RecordSink() {
          @Override
          public void send(int partition, byte[] payload, long token, SendCompletion completion) {
            clock.advance(cost.nanosOf(tokens.size()));
            tokens.add(token);
            completion.completed(token, failing ? new IllegalStateException("refused") : null);
          }

          @Override
          public void flush() {
            assertThat(tokens).isNotEmpty();
          }

          @Override
          public void close() {
            tokens.clear();
          }
        };
    return new SendLoop(sink, PayloadSequence.cycling(pool, 0), clock, () -> count.failed() > 0);
  }

  private Histogram recorded() {
    latencies.endInterval();
    return latencies.total();
  }
}
