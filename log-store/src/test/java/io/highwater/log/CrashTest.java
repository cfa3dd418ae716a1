package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.io.SimStorage;
import io.highwater.log.io.StorageFullException;
import io.highwater.log.recover.LastKnown;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Crashes and torn tails: what is left is a sound prefix. */
class CrashTest {
  private static final Path LOG = SegmentFiles.path(LogFixture.DIRECTORY, 0, SegmentFiles.LOG);
  private static final Path MANIFEST =
      SegmentFiles.path(LogFixture.DIRECTORY, 0, SegmentFiles.MANIFEST);

  private final LogFixture fixture = new LogFixture();

  /** REC-1. */
  @Test
  void aTailCutAtAnyByteLeavesTheWholeBatchesBeforeIt() throws Exception {
    fixture.open().fill(0, 30);
    List<String> all = fixture.records();
    fixture.storage.killProcess();
    Path tail = fixture.tailFile();
    byte[] bytes = fixture.storage.content(tail);
    long base = SegmentFiles.offsetOf(tail.getFileName().toString(), ".log").orElseThrow();
    for (int length = 0; length <= bytes.length; length++) {
      SimStorage damaged = fixture.storage.copy();
      damaged.replace(tail, Arrays.copyOf(bytes, length));
      LogFixture once = LogFixture.on(damaged, LastKnown.NOTHING).open();
      long end = once.log.logEndOffset();
      assertThat(end).isBetween(base, 60L);
      assertThat(once.records()).isEqualTo(all.subList(0, (int) end));
      // The epoch whose records are gone may still be known to have begun there.
      assertThat(once.log.endOf((int) (end - 1) / 8).endOffset()).isEqualTo(end);
      // Recovering twice equals once, and the log goes on.
      once.reopenAfterKill();
      assertThat(once.log.logEndOffset()).isEqualTo(end);
      assertThat(once.log.recovery().cutBytes()).isZero();
      once.log.appendAsLeader(Batches.of(1, "next"), 9);
      assertThat(once.records(end)).containsExactly(end + ":next");
    }
  }

  /** STO-3, STO-4, STO-10: one byte changed anywhere in the tail ends the log before it. */
  @Test
  void aFlippedByteInTheUnflushedTailCutsTheLogBeforeItsBatch() throws Exception {
    fixture.open().fill(0, 30);
    List<String> all = fixture.records();
    fixture.storage.killProcess();
    Path tail = fixture.tailFile();
    byte[] bytes = fixture.storage.content(tail);
    for (int at = 0; at < bytes.length; at++) {
      SimStorage damaged = fixture.storage.copy();
      byte[] flipped = bytes.clone();
      flipped[at] ^= 0x10;
      damaged.replace(tail, flipped);
      LogFixture opened = LogFixture.on(damaged, LastKnown.NOTHING).open();
      int end = (int) opened.log.logEndOffset();
      assertThat(end).as("byte %d", at).isLessThan(60);
      assertThat(opened.records()).isEqualTo(all.subList(0, end));
    }
  }

  @Test
  void aPowerLossKeepsWhatWasFlushedAndASoundPrefixOfTheRest() {
    for (int seed = 0; seed < 300; seed++) {
      LogFixture crashing = new LogFixture().open();
      Random random = new Random(seed);
      int appended = 0;
      int flushed = 0;
      for (int i = 0; i < 40; i++) {
        crashing.append(Batches.of(1000 + i, "v" + i));
        appended++;
        if (random.nextInt(6) == 0) {
          crashing.log.flush();
          flushed = appended;
          if (random.nextBoolean()) {
            crashing.checkpoint();
          }
        }
      }
      List<String> all = crashing.records();
      crashing.storage.losePower(random);
      crashing.afterCrash();
      int end = (int) crashing.log.logEndOffset();
      assertThat(end).as("seed %d", seed).isBetween(flushed, 40);
      assertThat(crashing.records()).isEqualTo(all.subList(0, end));
    }
  }

  /** STO-11: a manifest of before must not come back beside another first batch. */
  @Test
  void aFirstBatchThatAPowerLossTookDoesNotMakeItsSuccessorAnother() throws Exception {
    fixture.open().append(Batches.of(1000, "a"));
    keep(MANIFEST);
    fixture.storage.losePower();
    fixture.afterCrash();
    assertThat(fixture.log.logEndOffset()).isZero();

    fixture.append(Batches.of(1000, "b"));
    keep(LOG);
    fixture.storage.losePower();
    fixture.afterCrash();
    assertThat(fixture.log.logEndOffset()).as("nothing was flushed").isZero();
  }

  @Test
  void aFirstBatchThatAFullDiskRefusedDoesNotMakeItsSuccessorAnother() throws Exception {
    fixture.open();
    fixture.storage.tearNext(LOG::equals, 0, new StorageFullException("full", null));
    assertThatThrownBy(() -> fixture.append(Batches.of(1000, "a")))
        .isInstanceOf(HighwaterException.class);
    keep(MANIFEST);

    fixture.append(Batches.of(1000, "b"));
    keep(LOG);
    fixture.storage.losePower();
    fixture.afterCrash();
    assertThat(fixture.log.logEndOffset()).as("nothing was flushed").isZero();
  }

  /** The disk has a file as it is now, before anybody asked for it. */
  private void keep(Path file) throws IOException {
    fixture.storage.replace(file, fixture.storage.content(file));
    fixture.storage.syncDirectory(LogFixture.DIRECTORY);
  }

  @Test
  void whatIsFlushedStaysThoughTheLogWasFlushedBeforeItsFirstBatch() throws Exception {
    fixture.known = new LastKnown(false, 0, 0, 5);
    fixture.open().log.flush();
    keep(SegmentFiles.path(LogFixture.DIRECTORY, 5, SegmentFiles.MANIFEST));
    fixture.append(Batches.of(1000, "a"));
    fixture.log.flush();
    fixture.storage.losePower();
    fixture.afterCrash();
    assertThat(fixture.records()).containsExactly("5:a");
  }

  /** REC-6: whatever the log was doing, the crash leaves a state from before or after. */
  @Test
  void aCrashAtEveryOperationOfACutLeavesASoundLog() {
    for (int at = 0; ; at++) {
      LogFixture crashing = new LogFixture().open();
      for (int i = 0; i < 60; i++) {
        crashing.log.appendAsLeader(Batches.produced(5, 0, i, "v" + i), i / 10);
      }
      crashing.log.flush();
      crashing.checkpoint();
      List<String> all = crashing.records();
      crashing.storage.crashAfter(at);
      boolean done = false;
      try {
        crashing.log.truncateTo(25);
        done = true;
      } catch (HighwaterException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
      }
      crashing.storage.crash(at);
      crashing.afterCrash();
      int end = (int) crashing.log.logEndOffset();
      assertThat(end).as("crash at %d", at).isBetween(25, 60);
      assertThat(crashing.records()).isEqualTo(all.subList(0, end));
      assertThat(crashing.log.epochs().lastEpoch()).isEqualTo((end - 1) / 10);
      assertThat(crashing.log.producers().all().iterator().next().nextSequence()).isEqualTo(end);
      if (done) {
        assertThat(end).isEqualTo(25);
        return;
      }
    }
  }

  @Test
  void aCrashAtEveryOperationOfAResetLeavesTheOldLogOrTheNewOne() {
    for (int at = 0; ; at++) {
      LogFixture crashing = new LogFixture().open();
      for (int i = 0; i < 60; i++) {
        crashing.log.appendAsLeader(Batches.of(1, "v" + i), i / 10);
      }
      crashing.log.flush();
      crashing.checkpoint();
      List<String> all = crashing.records();
      crashing.storage.crashAfter(at);
      boolean done = false;
      try {
        crashing.log.resetTo(500);
        done = true;
      } catch (HighwaterException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
      }
      crashing.reopenAfterKill();
      if (crashing.log.logEndOffset() == 500) {
        assertThat(crashing.log.offsets()).isEqualTo(LogOffsets.emptyAt(500));
      } else {
        assertThat(done).isFalse();
        assertThat(crashing.records()).isEqualTo(all);
      }
      if (done) {
        return;
      }
    }
  }

  @Test
  void aCrashAtEveryOperationOfAppendsAndRollsLeavesAPrefix() {
    for (int at = 0; at < 160; at++) {
      LogFixture crashing = new LogFixture().open();
      crashing.storage.crashAfter(at);
      int appended = 0;
      try {
        for (int i = 0; i < 40; i++) {
          crashing.append(Batches.produced(5, 0, i, "v" + i));
          appended++;
          if (i % 10 == 9) {
            crashing.log.flush();
          }
        }
      } catch (HighwaterException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
      }
      crashing.reopenAfterKill();
      long end = crashing.log.logEndOffset();
      assertThat(end).as("crash at %d", at).isBetween((long) appended, appended + 1L);
      crashing.append(Batches.produced(5, 0, (int) end, "next"));
      assertThat(crashing.records()).hasSize((int) end + 1);
    }
  }

  /** REC-1: any number of interrupted recoveries equals one. */
  @Test
  void recoveriesThatAreInterruptedEndAsOneDoes() throws Exception {
    fixture.open().fill(0, 60);
    fixture.log.flushSealed();
    fixture.checkpoint();
    fixture.fill(60, 200);
    fixture.storage.killProcess();
    List<String> logs =
        fixture.storage.list(LogFixture.DIRECTORY).stream()
            .filter(n -> n.endsWith(".log"))
            .toList();
    Path torn = LogFixture.DIRECTORY.resolve(logs.get(logs.size() - 3));
    byte[] bytes = fixture.storage.content(torn);
    fixture.storage.replace(torn, Arrays.copyOf(bytes, bytes.length - 7));
    LogFixture once = LogFixture.on(fixture.storage.copy(), fixture.known).open();
    List<String> records = once.records();
    assertThat(records).hasSizeBetween(130, 390);
    assertThat(once.log.recovery().cutBytes()).isGreaterThan(2000);

    boolean done = false;
    for (int at = 0; !done; at++) {
      LogFixture again = LogFixture.on(fixture.storage.copy(), fixture.known);
      done = true;
      for (int next = at; next < at + 3; next++) {
        again.storage.crashAfter(next);
        try {
          again.afterCrash();
        } catch (HighwaterException e) {
          assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
          done = false;
        }
        again.storage.crash(at);
      }
      again.afterCrash();
      assertThat(again.records()).as("interrupted at %d", at).isEqualTo(records);
      assertThat(again.log.epochs()).isEqualTo(once.log.epochs());
      assertThat(again.log.producers().all()).hasToString(once.log.producers().all().toString());
    }
  }
}
