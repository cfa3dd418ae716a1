package io.highwater.log.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.LogFixture;
import io.highwater.log.segment.LogManifest;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** CMP-6: a log knows below which offset tombstones were dropped from it. */
class TombstoneHorizonTest {
  private static final long RETENTION_MS = KeyedLog.COMPACT.deleteRetentionMs();

  /** A tombstone that the next cleaning drops. */
  private static KeyedLog withOldTombstone() {
    KeyedLog log = new KeyedLog();
    log.append("a=1", "gone=1", "b=1");
    long tombstone = log.append("gone").get(0).offset();
    log.roll();
    assertThat(log.clean()).isPresent();
    assertThat(tombstone).isEqualTo(3);
    log.roll();
    log.fixture.nowMs.addAndGet(RETENTION_MS + 1);
    log.fixture.log.advanceHighWatermark(log.fixture.log.logEndOffset());
    log.fixture.log.flush();
    log.fixture.log.flushSealed();
    log.fixture.checkpoint();
    return log;
  }

  private static boolean holdsTombstone(KeyedLog log) {
    return log.records().stream().anyMatch(KeyedLog.Stored::isTombstone);
  }

  @Test
  void itRisesWithTheCleaningThatDropsATombstoneAndOutlivesTheProcess() {
    KeyedLog log = withOldTombstone();
    assertThat(holdsTombstone(log)).isTrue();
    assertThat(log.fixture.log.tombstoneHorizon()).isZero();

    assertThat(log.clean()).isPresent();
    assertThat(holdsTombstone(log)).isFalse();
    assertThat(log.fixture.log.tombstoneHorizon()).isEqualTo(4);
    log.roll();
    log.fixture.log.flushSealed();
    assertThat(log.fixture.reopenAfterKill().log.tombstoneHorizon()).isEqualTo(4);
    assertThat(log.fixture.reopenCleanly().log.tombstoneHorizon()).isEqualTo(4);
  }

  @Test
  void aCleaningThatDropsNoTombstoneLeavesIt() {
    KeyedLog log = new KeyedLog();
    for (int i = 0; i < 30; i++) {
      log.append("a=" + i);
    }
    log.append("a");
    log.roll();
    assertThat(log.clean()).isPresent();
    assertThat(log.fixture.log.tombstoneHorizon()).isZero();
  }

  @Test
  void noCrashLosesItAfterATombstoneIsGone() throws IOException {
    for (int at = 0; ; at++) {
      KeyedLog log = withOldTombstone();
      log.fixture.storage.crashAfter(at);
      boolean done = false;
      try {
        log.clean();
        done = true;
      } catch (HighwaterException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
      }
      log.fixture.storage.crash(at);
      log.fixture.afterCrash();
      assertThat(holdsTombstone(log) || log.fixture.log.tombstoneHorizon() == 4)
          .as("crash at %d", at)
          .isTrue();
      if (done) {
        return;
      }
    }
  }

  @Test
  void anEmptyCopyTakesItOverForGood() throws IOException {
    KeyedLog copy = new KeyedLog();
    copy.fixture.log.inheritTombstoneHorizon(17);
    copy.append("a=1");
    assertThat(copy.fixture.reopenAfterKill().log.tombstoneHorizon()).isEqualTo(17);
    copy.roll();
    copy.fixture.log.flushSealed();
    assertThat(
            LogManifest.read(copy.fixture.storage, LogFixture.DIRECTORY)
                .orElseThrow()
                .tombstoneHorizon())
        .isEqualTo(17);
    copy.fixture.log.truncateTo(1);
    assertThat(copy.fixture.log.tombstoneHorizon()).as("what is above is gone").isEqualTo(1);
    copy.fixture.log.resetTo(40);
    assertThat(copy.fixture.log.tombstoneHorizon()).isZero();
  }

  @Test
  void withoutAManifestAllSealedSegmentsMayLackTombstones() throws IOException {
    KeyedLog log = withOldTombstone();
    LogManifest.delete(log.fixture.storage, LogFixture.DIRECTORY);
    log.fixture.reopenAfterKill();
    assertThat(log.fixture.log.tombstoneHorizon()).isGreaterThan(3);
    assertThat(log.fixture.log.tombstoneHorizon())
        .isLessThanOrEqualTo(log.fixture.log.logEndOffset());
  }

  @Test
  void theLastHeaderIsKnownFromAppendsAndFromTheFile() {
    KeyedLog log = new KeyedLog();
    assertThat(log.fixture.log.lastHeader()).isEmpty();
    log.append("a=1", "b=1");
    log.append("c=1");
    var last = log.fixture.log.lastHeader().orElseThrow();
    assertThat(last.baseOffset()).isEqualTo(2);
    assertThat(log.fixture.log.headerAt(2)).contains(last);
    assertThat(log.fixture.log.headerAt(1).orElseThrow().baseOffset()).isZero();

    log.fixture.reopenCleanly();
    assertThat(log.fixture.log.lastHeader()).isEmpty();
    assertThat(log.fixture.log.headerAt(2)).contains(last);
    log.fixture.log.remember(log.fixture.log.headerAt(1).orElseThrow());
    assertThat(log.fixture.log.lastHeader()).as("it is not the last").isEmpty();
    log.fixture.log.remember(last);
    assertThat(log.fixture.log.lastHeader()).contains(last);
    log.fixture.log.truncateTo(2);
    assertThat(log.fixture.log.lastHeader()).isEmpty();
  }
}
