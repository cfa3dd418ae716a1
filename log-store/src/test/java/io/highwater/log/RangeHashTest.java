package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.read.RangeHash;
import io.highwater.proto.HighwaterException;
import org.junit.jupiter.api.Test;

/** REP-10: what a replica says of a range depends on its batches alone. */
class RangeHashTest {
  private static final int ANY_BYTES = 1 << 20;

  /** Twenty batches of two records. */
  private static PartitionLog log(int segmentBytes) {
    LogFixture log = new LogFixture(LogFixture.SMALL.withSegmentBytes(segmentBytes)).open();
    for (int i = 0; i < 20; i++) {
      log.append(Batches.of(1, "a" + i, "b" + i));
    }
    return log.log;
  }

  @Test
  void theSameBatchesInOtherSegmentsAreTheSame() {
    RangeHash few = RangeHash.of(log(1 << 20), 0, 40, ANY_BYTES);
    assertThat(RangeHash.of(log(1024), 0, 40, ANY_BYTES)).isEqualTo(few);
    assertThat(few.endOffset()).isEqualTo(40);
  }

  @Test
  void anotherRangeIsAnother() {
    PartitionLog log = log(1024);
    RangeHash some = RangeHash.of(log, 0, 20, ANY_BYTES);
    assertThat(some.endOffset()).isEqualTo(20);
    assertThat(RangeHash.of(log, 20, 40, ANY_BYTES).sha256()).isNotEqualTo(some.sha256());
  }

  @Test
  void aBatchThatEndsAboveTheCeilingIsLeftOut() {
    assertThat(RangeHash.of(log(1024), 0, 5, ANY_BYTES).endOffset()).isEqualTo(4);
  }

  @Test
  void whatIsToldOfARangeThatWasCutShortIsToldAgain() {
    PartitionLog log = log(1024);
    RangeHash first = RangeHash.of(log, 0, 40, 1);
    assertThat(first.endOffset()).isGreaterThan(0).isLessThan(40);
    assertThat(RangeHash.of(log, 0, first.endOffset(), first.bytes())).isEqualTo(first);
  }

  @Test
  void aBatchLargerThanAReadIsReadWhole() {
    LogFixture log = new LogFixture(LogConfig.DEFAULT).open();
    log.append(Batches.sized(1, 300_000));
    log.append(Batches.sized(1, 10));
    RangeHash both = RangeHash.of(log.log, 0, 2, ANY_BYTES);
    assertThat(both.endOffset()).isEqualTo(2);
    assertThat(both.bytes()).isGreaterThan(300_000);
  }

  @Test
  void nothingIsToldFromBelowTheLogStart() {
    PartitionLog log = log(1024);
    log.advanceHighWatermark(40);
    log.advanceLogStart(20);
    assertThatThrownBy(() -> RangeHash.of(log, 0, 40, ANY_BYTES))
        .isInstanceOf(HighwaterException.class)
        .hasMessageContaining("holds offsets 20 to 40");
  }
}
