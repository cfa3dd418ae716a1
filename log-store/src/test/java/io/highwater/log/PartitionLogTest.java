package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.read.ReadResult;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class PartitionLogTest {
  private final LogFixture fixture = new LogFixture().open();

  private static ErrorCode codeOf(Throwable error) {
    return ((HighwaterException) error).code();
  }

  @Test
  void aBatchGetsOffsetsAndEpochAndIsReadBackAsItWasSent() {
    ByteBuffer sent = Batches.of(1000, "a", "b", "c");
    byte[] covered = new byte[sent.limit() - 17];
    sent.get(17, covered);

    AppendResult result = fixture.log.appendAsLeader(sent, 7);

    assertThat(result).isEqualTo(new AppendResult(0, 2, false));
    assertThat(fixture.log.logEndOffset()).isEqualTo(3);
    assertThat(fixture.log.lastEpoch()).isEqualTo(7);
    ByteBuffer into = ByteBuffer.allocate(4096);
    ReadResult read = fixture.log.read(0, 3, into);
    assertThat(read).isEqualTo(new ReadResult(sent.limit(), 0, 3, 0, 0));
    byte[] stored = new byte[covered.length];
    into.get(17, stored);
    assertThat(stored).isEqualTo(covered);
    BatchView batch = new BatchView().wrap(new UnsafeBuffer(into), 0);
    assertThat(batch.leaderEpoch()).isEqualTo(7);
    assertThat(fixture.records()).containsExactly("0:a", "1:b", "2:c");
  }

  @Test
  void everyOffsetIsReadableAcrossRolledSegments() {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      fixture.append(Batches.of(1000 + i, "v" + i + "a", "v" + i + "b"));
      expected.add(2 * i + ":v" + i + "a");
      expected.add(2 * i + 1 + ":v" + i + "b");
    }
    assertThat(fixture.storage.exists(LogFixture.DIRECTORY.resolve("00000000000000000000.log")))
        .isTrue();
    assertThat(fixture.log.isHot(0)).isFalse();
    assertThat(fixture.log.isHot(199)).isTrue();
    for (int offset = 0; offset < 200; offset++) {
      assertThat(fixture.records(offset)).isEqualTo(expected.subList(offset, 200));
    }
  }

  @Test
  void aReadStopsBelowTheCeilingAndSaysWhenTheBufferIsTooSmall() {
    fixture.append(Batches.of(1000, "a", "b"));
    fixture.append(Batches.sized(1, 500));
    ByteBuffer into = ByteBuffer.allocate(4096);

    assertThat(fixture.log.read(0, 2, into).endOffset()).isEqualTo(2);
    assertThat(fixture.log.read(1, 2, into.clear()).firstBatchBaseOffset()).isZero();
    assertThat(fixture.log.read(0, 1, into.clear()).isEmpty()).isTrue();
    assertThat(fixture.log.read(3, Long.MAX_VALUE, into.clear()).isEmpty()).isTrue();
    ReadResult small = fixture.log.read(2, 3, ByteBuffer.allocate(100));
    assertThat(small.isEmpty()).isTrue();
    assertThat(small.neededBytes()).isGreaterThan(500);
    assertThatThrownBy(() -> fixture.log.read(4, 9, into.clear()))
        .satisfies(e -> assertThat(codeOf(e)).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE));
  }

  @Test
  void aSequentialReaderGoesOnWhereItEnded() {
    for (int i = 0; i < 50; i++) {
      fixture.append(Batches.sized(1, 30));
    }
    ByteBuffer into = ByteBuffer.allocate(200);
    long next = 0;
    while (next < 50) {
      ReadResult result = fixture.log.read(next, Long.MAX_VALUE, into.clear());
      assertThat(result.firstBatchBaseOffset()).isEqualTo(next);
      next = result.endOffset();
    }
  }

  @Test
  void memoryOutsideTheHeapTakesTheSameBytes() {
    for (int i = 0; i < 50; i++) {
      fixture.append(Batches.sized(1, 30 + i));
    }
    ByteBuffer onHeap = ByteBuffer.allocate(1000);
    ByteBuffer outside = ByteBuffer.allocateDirect(1000);
    long next = 0;
    while (next < 50) {
      ReadResult result = fixture.log.read(next, Long.MAX_VALUE, onHeap.clear().position(7));
      assertThat(fixture.log.read(next, Long.MAX_VALUE, outside.clear().position(7)))
          .isEqualTo(result);
      assertThat(outside.flip().position(7)).isEqualTo(onHeap.flip().position(7));
      next = result.endOffset();
    }
  }

  @Test
  void aReadOfManyBatchesLoadsNoPartOfAnother() {
    for (int i = 0; i < 8; i++) {
      fixture.append(Batches.sized(1, 130));
    }
    ByteBuffer into = ByteBuffer.allocate(1000);
    Arrays.fill(into.array(), (byte) 0x55);

    fixture.log.read(0, Long.MAX_VALUE, into);

    byte[] rest = Arrays.copyOfRange(into.array(), into.position(), into.limit());
    assertThat(rest).hasSizeGreaterThan(61).containsOnly((byte) 0x55);
  }

  @Test
  void aRecordIsFoundByItsTimestamp() {
    for (int i = 0; i < 60; i++) {
      fixture.append(Batches.of(1000 + 10 * i, "a", "b"));
    }
    for (long i = 0; i < 60; i++) {
      assertThat(fixture.log.offsetForTimestamp(1000 + 10 * i, Long.MAX_VALUE))
          .contains(new OffsetAtTimestamp(1000 + 10 * i, 2 * i, 0));
      assertThat(fixture.log.offsetForTimestamp(1001 + 10 * i, Long.MAX_VALUE))
          .contains(new OffsetAtTimestamp(1001 + 10 * i, 2 * i + 1, 0));
    }
    assertThat(fixture.log.offsetForTimestamp(0, Long.MAX_VALUE).orElseThrow().offset()).isZero();
    assertThat(fixture.log.offsetForTimestamp(99_999, Long.MAX_VALUE)).isEmpty();
    assertThat(fixture.log.offsetForTimestamp(1500, 10)).isEmpty();
  }

  /** STO-5: what a reader left behind may be of before a cut. */
  @Test
  void aRecordIsFoundByItsTimestampThoughABatchBeganElsewhereBeforeACut() {
    fixture.append(Batches.of(1000, "a", "b"));
    fixture.append(Batches.of(1000, "c"));
    assertThat(fixture.log.read(0, 2, ByteBuffer.allocate(1000)).endOffset()).isEqualTo(2);
    fixture.log.truncateTo(0);
    fixture.append(Batches.sized(3, 60));
    fixture.append(Batches.of(500, "d"));
    fixture.append(Batches.of(3000, "e"));

    assertThat(fixture.log.offsetForTimestamp(2000, Long.MAX_VALUE))
        .contains(new OffsetAtTimestamp(3000, 4, 0));
    assertThat(fixture.log.damage()).isEmpty();
  }

  @Test
  void aFollowerTakesWhatTheLeaderStored() {
    LogFixture follower = new LogFixture().open();
    for (int i = 0; i < 40; i++) {
      fixture.log.appendAsLeader(Batches.of(1000, "v" + i), i / 10);
    }
    ByteBuffer into = ByteBuffer.allocate(700);
    while (follower.log.logEndOffset() < 40) {
      ReadResult read = fixture.log.read(follower.log.logEndOffset(), Long.MAX_VALUE, into.clear());
      follower.log.appendAsFollower(into.flip(), read.previousEnd(), 3);
    }
    assertThat(follower.records()).isEqualTo(fixture.records());
    assertThat(follower.log.epochs()).isEqualTo(fixture.log.epochs());
  }

  @Test
  void aFollowerRefusesWhatDoesNotContinueItsLog() {
    fixture.log.appendAsFollower(Batches.stamped(Batches.of(1, "a"), 0, 2), 0, 2);
    refuses(Batches.stamped(Batches.of(1, "b"), 1, 2), 2, 2, ErrorCode.OFFSET_OUT_OF_RANGE);
    refuses(Batches.stamped(Batches.of(1, "b"), 2, 2), 1, 2, ErrorCode.CORRUPT_MESSAGE);
    refuses(Batches.stamped(Batches.of(1, "b"), 1, 1), 1, 2, ErrorCode.CORRUPT_MESSAGE);
    refuses(Batches.stamped(Batches.of(1, "b"), 1, 3), 1, 2, ErrorCode.CORRUPT_MESSAGE);
    refuses(Batches.stamped(Batches.of(1, "b"), 1, 1), 1, 1, ErrorCode.FENCED_LEADER_EPOCH);
    ByteBuffer secondBad =
        Batches.concat(
            Batches.stamped(Batches.of(1, "b"), 1, 2), Batches.stamped(Batches.of(1, "c"), 3, 2));
    refuses(secondBad, 1, 2, ErrorCode.CORRUPT_MESSAGE);
    assertThat(fixture.log.logEndOffset()).isEqualTo(1);
  }

  private void refuses(ByteBuffer batches, long previousEnd, int epoch, ErrorCode code) {
    assertThatThrownBy(() -> fixture.log.appendAsFollower(batches, previousEnd, epoch))
        .satisfies(e -> assertThat(codeOf(e)).isEqualTo(code));
  }

  @Test
  void aCutTakesRecordsEpochsAndTheHighWatermarkBack() {
    for (int i = 0; i < 60; i++) {
      fixture.log.appendAsLeader(Batches.of(1000, "v" + i), i / 20);
    }
    fixture.log.advanceHighWatermark(50);
    List<String> before = fixture.records();

    fixture.log.truncateTo(30);

    assertThat(fixture.log.offsets()).isEqualTo(new LogOffsets(0, 30, 30, 0));
    assertThat(fixture.log.lastEpoch()).isEqualTo(1);
    assertThat(fixture.log.endOf(0)).isEqualTo(new EpochEnd(0, 20));
    assertThat(fixture.log.endOf(5)).isEqualTo(new EpochEnd(1, 30));
    assertThat(fixture.records()).isEqualTo(before.subList(0, 30));
    fixture.log.appendAsLeader(Batches.of(1000, "new"), 4);
    assertThat(fixture.records(29)).containsExactly("29:v29", "30:new");
  }

  @Test
  void anEpochWithoutRecordsIsCutThoughNoRecordGoes() {
    fixture.append(Batches.of(1000, "a"));
    fixture.log.onBecomeLeader(3);
    assertThat(fixture.log.endOf(0)).isEqualTo(new EpochEnd(0, 1));

    fixture.log.truncateTo(1);

    assertThat(fixture.log.lastEpoch()).isZero();
  }

  @Test
  void aResetEmptiesTheLogAndMovesIt() {
    for (int i = 0; i < 60; i++) {
      fixture.append(Batches.of(1000, "v" + i));
    }
    fixture.log.resetTo(1000);
    assertThat(fixture.log.offsets()).isEqualTo(LogOffsets.emptyAt(1000));
    fixture.log.appendAsLeader(Batches.of(1000, "x"), 5);
    assertThat(fixture.reopenAfterKill().records()).containsExactly("1000:x");
  }

  @Test
  void theLogComesBackAfterACleanCloseWithoutReadingIt() {
    for (int i = 0; i < 60; i++) {
      fixture.append(Batches.of(1000 + i, "v" + i));
    }
    fixture.log.advanceHighWatermark(40);
    List<String> before = fixture.records();

    fixture.reopenCleanly();

    assertThat(fixture.log.recovery().clean()).isTrue();
    assertThat(fixture.log.offsets()).isEqualTo(new LogOffsets(0, 40, 60, 60));
    assertThat(fixture.records()).isEqualTo(before);
    fixture.append(Batches.of(2000, "more"));
    assertThat(fixture.records(59)).containsExactly("59:v59", "60:more");
  }

  @Test
  void theLogComesBackAfterAKill() {
    for (int i = 0; i < 60; i++) {
      fixture.append(Batches.of(1000 + i, "v" + i));
    }
    List<String> before = fixture.records();
    assertThat(fixture.reopenAfterKill().records()).isEqualTo(before);
    assertThat(fixture.log.recovery().clean()).isFalse();
  }

  @Test
  void aLogRollsByAge() {
    fixture.append(Batches.of(1000, "a"));
    fixture.nowMs.addAndGet(fixture.config.rollMs());
    fixture.append(Batches.of(1000, "b"));
    assertThat(fixture.log.isHot(0)).isFalse();
    assertThat(fixture.records()).containsExactly("0:a", "1:b");
  }

  @Test
  void openFilesStayBounded() {
    for (int i = 0; i < 1000; i++) {
      fixture.append(Batches.sized(1, 100));
    }
    fixture.records();
    assertThat(fixture.storage.openFiles()).isLessThanOrEqualTo(6);
    fixture.log.close();
    assertThat(fixture.storage.openFiles()).isZero();
  }

  /** INP-1: producers that came once are not carried along for ever. */
  @Test
  void silentProducersAreForgottenWithTheNextSegment() {
    LogFixture rolling = new LogFixture().open();
    rolling.append(Batches.produced(1, 0, 0, "a"));
    rolling.nowMs.addAndGet(LogFixture.SMALL.producerExpirationMs() + 1);
    rolling.append(Batches.produced(2, 0, 0, "a"));
    assertThat(rolling.log.isHot(0)).isFalse();
    assertThat(rolling.log.producers().all()).extracting(p -> p.producerId()).containsExactly(2L);
  }
}
