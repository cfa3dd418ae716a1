package io.highwater.log.retain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.Batches;
import io.highwater.log.LogConfig;
import io.highwater.log.LogFixture;
import io.highwater.log.append.TimestampBounds;
import io.highwater.log.recover.LastKnown;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** RET-1 and RET-2 on one log. */
class LogRetentionTest {
  private static final long RETENTION_MS = 1_000;
  private static final long DELAY_MS = 60;

  private final LogFixture fixture = new LogFixture(config(RETENTION_MS, -1)).open();

  private static LogConfig config(long retentionMs, long retentionBytes) {
    return LogFixture.SMALL
        .withFileDeleteDelayMs(DELAY_MS)
        .withRetention(new RetentionConfig(true, retentionMs, retentionBytes));
  }

  /** Three segments of two records each, the last of them the tail; all committed. */
  private void threeSegments() {
    segment("a", "b");
    segment("c", "d");
    fixture.append(Batches.of(1, "e"));
    fixture.append(Batches.of(1, "f"));
    fixture.log.advanceHighWatermark(6);
  }

  private void segment(String... values) {
    for (String value : values) {
      fixture.append(Batches.of(1, value));
    }
    long hw = fixture.log.highWatermark();
    rollIdleTail();
    assertThat(fixture.log.highWatermark()).isEqualTo(hw);
  }

  private void rollIdleTail() {
    fixture.nowMs.addAndGet(fixture.config.rollMs());
    fixture.log.retention().rollIfOld();
    fixture.nowMs.addAndGet(-fixture.config.rollMs());
  }

  private LogRetention retention() {
    return fixture.log.retention();
  }

  private List<String> logFiles() {
    try {
      return fixture.storage.list(LogFixture.DIRECTORY).stream()
          .filter(name -> name.endsWith(".log"))
          .map(name -> name.substring(16, 20))
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void segmentBelowTheStartStaysUntilItIsFlushedSoThatAPowerLossTakesNothingBehindIt() {
    fixture.append(Batches.of(1, "a"));
    fixture.log.flush();
    fixture.checkpoint();
    fixture.append(Batches.of(1, "b"));
    rollIdleTail();
    fixture.append(Batches.of(1, "c"));
    fixture.log.advanceHighWatermark(3);
    fixture.log.advanceLogStart(2);
    fixture.log.flush();

    fixture.storage.losePower();
    fixture.afterCrash();

    assertThat(fixture.log.logEndOffset()).isEqualTo(3);
  }

  @Test
  void whatIsOlderThanItsRetentionGoesSegmentBySegment() {
    threeSegments();
    fixture.nowMs.addAndGet(RETENTION_MS);
    assertThat(retention().enforce()).isFalse();
    fixture.append(Batches.of(1, "g"));
    fixture.log.advanceHighWatermark(7);

    fixture.nowMs.addAndGet(1);

    assertThat(retention().enforce()).isTrue();
    assertThat(fixture.log.logStartOffset()).isEqualTo(4);
    assertThat(fixture.records()).containsExactly("4:e", "5:f", "6:g");
  }

  @Test
  void anIdleLogEmptiesWholly() {
    threeSegments();
    fixture.nowMs.addAndGet(RETENTION_MS + 1);

    assertThat(retention().enforce()).isTrue();

    assertThat(fixture.log.logStartOffset()).isEqualTo(6);
    assertThat(fixture.log.logEndOffset()).isEqualTo(6);
    assertThat(fixture.append(Batches.of(1, "g")).baseOffset()).isEqualTo(6);
  }

  @Test
  void nothingUncommittedGoes() {
    threeSegments();
    fixture.append(Batches.of(1, "g"));
    fixture.nowMs.addAndGet(RETENTION_MS + 1);
    retention().enforce();
    assertThat(fixture.log.logStartOffset()).isEqualTo(4);

    fixture.log.advanceHighWatermark(7);
    retention().enforce();

    assertThat(fixture.log.logStartOffset()).isEqualTo(7);
  }

  @Test
  void theOldestGoWhileTheOthersHoldEnough() {
    threeSegments();
    long batchBytes = Batches.of(1, "a").remaining();

    reopen(config(-1, 4 * batchBytes + 1));
    assertThat(retention().enforce()).isFalse();
    reopen(config(-1, 4 * batchBytes));
    assertThat(retention().enforce()).isTrue();

    assertThat(fixture.log.logStartOffset()).isEqualTo(2);
  }

  private void reopen(LogConfig config) {
    fixture.config = config;
    fixture.reopenCleanly();
  }

  @Test
  void whereNoBytesAreKeptAllThatIsCommittedGoesOfTheLastSegmentToo() {
    threeSegments();
    reopen(config(RETENTION_MS, 0));
    fixture.append(Batches.of(1, "uncommitted"));
    assertThat(retention().enforce()).isTrue();
    assertThat(fixture.records()).doesNotContain("0:a").contains("6:uncommitted");
    fixture.log.advanceHighWatermark(7);

    assertThat(retention().enforce()).isTrue();

    assertThat(fixture.log.logStartOffset()).isEqualTo(7);
    assertThat(fixture.records()).isEmpty();
  }

  @Test
  void withoutTheDeletePolicyNothingGoesByItself() {
    threeSegments();
    reopen(config(0, 0).withRetention(new RetentionConfig(false, 0, 0)));
    fixture.nowMs.addAndGet(86_400_000);

    assertThat(retention().enforce()).isFalse();
    fixture.log.advanceLogStart(3);

    assertThat(fixture.log.logStartOffset()).isEqualTo(3);
  }

  @Test
  void filesGoAfterTheCheckpointAndTheDelay() {
    threeSegments();
    fixture.log.flush();
    fixture.log.advanceLogStart(5);
    assertThat(retention().hasDropped()).isTrue();
    fixture.nowMs.addAndGet(DELAY_MS);
    retention().deleteDue();
    assertThat(logFiles()).as("before the checkpoint").containsExactly("0000", "0002", "0004");

    fixture.checkpoint();
    fixture.nowMs.addAndGet(-1);
    retention().deleteDue();
    assertThat(logFiles()).as("before the delay").containsExactly("0000", "0002", "0004");

    fixture.nowMs.addAndGet(1);
    retention().deleteDue();
    assertThat(logFiles()).containsExactly("0004");
    assertThat(retention().hasDropped()).isFalse();
  }

  @Test
  void theStartSurvivesACrashAndWhatLiesBelowIsSwept() {
    threeSegments();
    fixture.log.advanceLogStart(5);
    fixture.log.flush();
    fixture.log.flushSealed();
    fixture.checkpoint();

    fixture.reopenAfterKill();

    assertThat(fixture.log.logStartOffset()).isEqualTo(5);
    assertThat(logFiles()).containsExactly("0004");
    assertThat(fixture.records()).containsExactly("5:f");
  }

  @Test
  void aStartThatIsOnNoDiskComesBackWithItsRecords() {
    threeSegments();
    fixture.log.flush();
    fixture.log.flushSealed();
    fixture.checkpoint();
    fixture.log.advanceLogStart(5);
    fixture.nowMs.addAndGet(DELAY_MS);
    retention().deleteDue();

    fixture.reopenAfterKill();

    assertThat(fixture.log.logStartOffset()).isZero();
    assertThat(fixture.records()).hasSize(6);
  }

  @Test
  void readersBelowTheStartAreToldSo() {
    threeSegments();
    fixture.log.advanceLogStart(5);

    assertThatThrownBy(() -> fixture.log.read(4, Long.MAX_VALUE, ByteBuffer.allocate(100)))
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE));
    assertThat(fixture.log.damage()).isEmpty();
    assertThat(fixture.records(5)).containsExactly("5:f");
  }

  @Test
  void theStartNeverGoesBackAndNeverPassesTheHighWatermark() {
    threeSegments();
    fixture.log.advanceLogStart(99);
    assertThat(fixture.log.logStartOffset()).isEqualTo(6);

    fixture.log.advanceLogStart(2);

    assertThat(fixture.log.logStartOffset()).isEqualTo(6);
  }

  @Test
  void aLogThatBeganAnewKeepsItsNewFiles() {
    threeSegments();
    fixture.log.advanceLogStart(5);
    fixture.checkpoint();
    fixture.log.resetTo(0);
    fixture.append(Batches.of(1, "new"));
    fixture.known = new LastKnown(false, 0, 0, 5);
    fixture.nowMs.addAndGet(DELAY_MS);

    retention().deleteDue();

    assertThat(logFiles()).containsExactly("0000");
    assertThat(fixture.records()).containsExactly("0:new");
  }

  @Test
  void aClosedLogDeletesNothingMore() {
    threeSegments();
    fixture.log.advanceLogStart(5);
    fixture.checkpoint();
    fixture.nowMs.addAndGet(DELAY_MS);
    LogRetention retention = retention();
    fixture.log.close();

    retention.deleteDue();

    assertThat(logFiles()).hasSize(3);
  }

  @Test
  void aFullDiskKeepsNothingThatIsToGo() {
    threeSegments();
    fixture.storage.limitBytes(fixture.storage.usedBytes());
    fixture.nowMs.addAndGet(RETENTION_MS + 1);

    retention().enforce();

    assertThat(fixture.log.logStartOffset()).as("all but the tail").isEqualTo(4);
  }

  @Test
  void timestampsFarFromTheClockAreRefused() {
    UnaryOperator<LogConfig> narrow = c -> c.withTimestamps(new TimestampBounds(10, 20));
    reopen(narrow.apply(fixture.config));
    long nowMs = fixture.nowMs.get();

    assertThatThrownBy(() -> fixture.append(Batches.of(nowMs + 21, "future")))
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_TIMESTAMP));
    assertThatThrownBy(() -> fixture.append(Batches.of(nowMs - 11, "past")))
        .hasMessageContaining("before");
    fixture.append(Batches.of(nowMs + 20, "near"));
    fixture.append(Batches.of(nowMs - 10, "near"));

    assertThat(fixture.log.logEndOffset()).isEqualTo(2);
  }

  @Test
  void whatProducersClaimNeitherKeepsNorDeletes() {
    fixture.append(Batches.of(0, "of 1970"));
    fixture.append(Batches.of(fixture.nowMs.get() + 3_000_000, "of tomorrow"));
    fixture.log.advanceHighWatermark(2);
    assertThat(retention().enforce()).isFalse();

    fixture.nowMs.addAndGet(RETENTION_MS + 1);

    assertThat(retention().enforce()).isTrue();
    assertThat(fixture.log.logStartOffset()).isEqualTo(2);
  }
}
