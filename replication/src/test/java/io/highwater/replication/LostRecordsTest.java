package io.highwater.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.Batches;
import io.highwater.log.LogFixture;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.control.RecordLoss;
import io.highwater.replication.control.RecordLoss.Cause;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** CON-1: whoever has read what is lost is told, and nobody else. */
class LostRecordsTest {
  private static final RecordLoss LOSS =
      new RecordLoss(4, 10, RecordLoss.UNKNOWN, Cause.ALL_UNCLEAN);

  private final LogFixture fixture = new LogFixture().open();

  /** Epoch 1 up to 5, epoch 2 up to 10, where the loss began; epoch 4 from there to 30. */
  @BeforeEach
  void fill() {
    for (int i = 0; i < 30; i++) {
      fixture.log.appendAsLeader(Batches.of(1, "v" + i), i < 5 ? 1 : i < 10 ? 2 : 4);
    }
  }

  private Optional<LostRecords> told(long offset, int lastEpoch, int offsetEpoch) {
    return LostRecords.of(
        fixture.log, List.of(LOSS), new ReaderPosition(offset, lastEpoch, offsetEpoch));
  }

  @Test
  void whoReadBeyondTheEndOfItsEpochIsToldThoughTheLogHasGrownPastIt() {
    LostRecords lost = told(20, 2, -1).orElseThrow();
    assertThat(lost.certain()).isTrue();
    assertThat(lost.fromOffset()).isEqualTo(10);
    assertThat(lost.nextOffset()).isEqualTo(10);
    assertThat(lost.text()).contains("restarted uncleanly");
  }

  @Test
  void whoReadBeyondTheLogsEndIsToldAsWell() {
    assertThat(told(99, 2, -1)).map(LostRecords::fromOffset).contains(10L);
  }

  @Test
  void whoReadRecordsOfAnEpochThatIsGoneIsTold() {
    LostRecords lost = told(12, 3, -1).orElseThrow();
    assertThat(lost.certain()).isTrue();
    assertThat(lost.fromOffset()).isEqualTo(10);
  }

  /**
   * The log went on in epoch 2 where the reader read epoch 3: the loss on record says from where.
   */
  @Test
  void whereTheLogWentOnInAnOlderEpochTheLossOnRecordSaysFromWhere() {
    RecordLoss earlier = new RecordLoss(4, 6, RecordLoss.UNKNOWN, Cause.UNCLEAN_ELECTION);
    assertThat(LostRecords.of(fixture.log, List.of(earlier), new ReaderPosition(8, 3, -1)))
        .map(LostRecords::fromOffset)
        .contains(6L);
  }

  @Test
  void whoReadWhatIsThereIsToldNothing() {
    assertThat(told(10, 2, -1)).isEmpty();
    assertThat(told(4, 1, -1)).isEmpty();
    assertThat(told(20, 4, -1)).isEmpty();
    assertThat(told(0, -1, -1)).isEmpty();
    assertThat(told(10, -1, -1)).as("nothing lost was read").isEmpty();
  }

  @Test
  void whoDoesNotSayWhatItReadIsToldOfTheLossAndGoesOn() {
    LostRecords lost = told(20, -1, -1).orElseThrow();
    assertThat(lost.certain()).isFalse();
    assertThat(lost.fromOffset()).isEqualTo(10);
    assertThat(lost.nextOffset()).isEqualTo(20);
    assertThat(told(20, -1, 3)).as("told the offset before the loss").isPresent();
    assertThat(told(20, -1, 4)).as("told the offset after it").isEmpty();
  }

  @Test
  void anElectionThatCostNothingConcernsNobody() {
    RecordLoss none = new RecordLoss(4, 10, 10, Cause.ALL_UNCLEAN);
    assertThat(LostRecords.of(fixture.log, List.of(none), new ReaderPosition(20, -1, -1)))
        .isEmpty();
  }

  @Test
  void anOffsetBeyondTheEndNamesTheLossThatMayBeWhy() {
    assertThat(told(99, -1, -1)).isEmpty();
    assertThatThrownBy(() -> LostRecords.requireInRange(fixture.log, List.of(LOSS), 99))
        .isInstanceOf(HighwaterException.class)
        .hasMessageContaining("beyond the log's end: the log holds 0 to 30")
        .hasMessageContaining("restarted uncleanly");
  }
}
