package io.highwater.log.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.AppendResult;
import io.highwater.log.Batches;
import io.highwater.log.LogFixture;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProducerStatesTest {
  private final LogFixture fixture = new LogFixture();

  @BeforeEach
  void open() {
    fixture.open();
  }

  private AppendResult send(int epoch, int sequence, int records) {
    String[] values = new String[records];
    java.util.Arrays.fill(values, "v");
    return fixture.append(Batches.produced(7, epoch, sequence, values));
  }

  private void refuses(ErrorCode code, int epoch, int sequence, int records) {
    long end = fixture.log.logEndOffset();
    assertThatThrownBy(() -> send(epoch, sequence, records))
        .isInstanceOf(HighwaterException.class)
        .satisfies(e -> assertThat(((HighwaterException) e).code()).isEqualTo(code));
    assertThat(fixture.log.logEndOffset()).isEqualTo(end);
  }

  /** IDM-1. */
  @Test
  void sequencesGoOnWithoutAGapAndANewEpochStartsAtZero() {
    refuses(ErrorCode.UNKNOWN_PRODUCER_ID, 0, 5, 1);
    send(0, 0, 3);
    refuses(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, 0, 4, 1);
    send(0, 3, 2);
    refuses(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, 1, 5, 1);
    send(1, 0, 1);
    refuses(ErrorCode.INVALID_PRODUCER_EPOCH, 0, 5, 1);
    send(1, 1, 1);
  }

  /** IDM-2. */
  @Test
  void aRetryOfTheLastFiveBatchesFindsTheFirstAppendAndOlderOnesAreRefused() {
    for (int i = 0; i < 7; i++) {
      send(0, 2 * i, 2);
    }
    for (int i = 2; i < 7; i++) {
      assertThat(send(0, 2 * i, 2)).isEqualTo(new AppendResult(2L * i, 2L * i + 1, true));
    }
    refuses(ErrorCode.DUPLICATE_SEQUENCE_NUMBER, 0, 0, 2);
    refuses(ErrorCode.DUPLICATE_SEQUENCE_NUMBER, 0, 2, 2);
    refuses(ErrorCode.DUPLICATE_SEQUENCE_NUMBER, 0, 12, 1);
    assertThat(fixture.log.logEndOffset()).isEqualTo(14);
  }

  @Test
  void sequencesWrapToZeroAfterTheGreatestInteger() {
    int last = Integer.MAX_VALUE;
    // A follower accepts what the log holds, so the state can be brought near the end.
    ByteBuffer near = Batches.produced(7, 0, last - 2, "a", "b");
    fixture.log.appendAsFollower(Batches.stamped(near, 0, 0), 0, 0);
    assertThat(send(0, last, 3).baseOffset()).isEqualTo(2);
    assertThat(send(0, 2, 1).baseOffset()).isEqualTo(5);
    assertThat(send(0, last, 3)).isEqualTo(new AppendResult(2, 4, true));
    refuses(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, 0, 4, 1);
    refuses(ErrorCode.DUPLICATE_SEQUENCE_NUMBER, 0, last - 5, 1);
  }

  /** IDM-4. */
  @Test
  void aProducerThatWasSilentForTooLongMustStartOver() {
    send(0, 0, 1);
    fixture.nowMs.addAndGet(fixture.config.producerExpirationMs() + 1);
    refuses(ErrorCode.UNKNOWN_PRODUCER_ID, 0, 1, 1);
    assertThat(fixture.log.expireProducers()).isEqualTo(1);
    send(1, 0, 1);
  }

  /** FEN-4: what the wall clock does while the log is closed says nothing about producers. */
  @Test
  void aClockSetWhileTheLogWasClosedForgetsNoProducer() {
    send(0, 0, 1);
    fixture.nowMs.addAndGet(fixture.config.producerExpirationMs() + 1);
    fixture.reopenCleanly();
    assertThat(send(0, 0, 1)).isEqualTo(new AppendResult(0, 0, true));
    assertThat(send(0, 1, 1).duplicate()).isFalse();
  }

  @Test
  void aRefusedAppendMovesNoState() {
    send(0, 0, 1);
    fixture.storage.limitBytes(fixture.storage.usedBytes());
    refuses(ErrorCode.STORAGE_FULL, 0, 1, 1);
    fixture.storage.limitBytes(Long.MAX_VALUE);
    assertThat(send(0, 1, 1).duplicate()).isFalse();
  }
}
