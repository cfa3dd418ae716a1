package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.checkpoint.EpochCheckpoint;
import io.highwater.log.io.SimStorage;
import io.highwater.log.io.SimStorage.Operation;
import io.highwater.log.segment.LogManifest;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentSummary;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** REC-3: the manifest shows what no batch can tell, and is never wrong itself. */
class LogManifestTest {
  private final LogFixture fixture = new LogFixture();

  /** Appends {@code count} batches of a record each, a leader epoch per twenty. */
  private static void append(LogFixture fixture, int count) {
    for (int i = 0; i < count; i++) {
      int next = (int) fixture.log.logEndOffset();
      fixture.log.appendAsLeader(Batches.produced(5, 0, next, "v" + next), next / 20);
    }
  }

  private LogFixture filled() {
    fixture.open();
    append(fixture, 100);
    fixture.log.flushSealed();
    fixture.checkpoint();
    return fixture;
  }

  private LogManifest manifest() throws IOException {
    return LogManifest.read(fixture.storage, LogFixture.DIRECTORY).orElseThrow();
  }

  private static Path log(long base) {
    return SegmentFiles.path(LogFixture.DIRECTORY, base, SegmentFiles.LOG);
  }

  private long baseOf(int index) throws IOException {
    return manifest().segments().get(index).baseOffset();
  }

  private void refusesToOpen(String... because) {
    fixture.storage.killProcess();
    SimStorage before = fixture.storage.copy();
    assertThatThrownBy(fixture::afterCrash)
        .isInstanceOf(HighwaterException.class)
        .hasMessageContainingAll(because)
        .satisfies(
            e ->
                assertThat(((HighwaterException) e).code())
                    .isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR));
    assertThat(fixture.health.isOffline()).isFalse();
    assertThat(fixture.storage.usedBytes()).isEqualTo(before.usedBytes());
  }

  private void checkAgainstFiles() throws IOException {
    for (SegmentSummary segment : manifest().segments()) {
      byte[] bytes = fixture.storage.content(log(segment.baseOffset()));
      CRC32C crc = new CRC32C();
      crc.update(bytes);
      assertThat(segment.logCrc()).isEqualTo(crc.getValue());
      assertThat(segment.sizeInBytes()).isEqualTo(bytes.length);
      assertThat(segment.lastEpoch()).isEqualTo((int) (segment.endOffset() - 1) / 20);
    }
    assertThat(manifest().endOffset())
        .isEqualTo(SegmentFiles.offsetOf(lastLog(), SegmentFiles.LOG).orElseThrow());
  }

  private String lastLog() throws IOException {
    return fixture.storage.list(LogFixture.DIRECTORY).stream()
        .filter(name -> name.endsWith(SegmentFiles.LOG))
        .reduce((a, b) -> b)
        .orElseThrow();
  }

  @Test
  void namesTheSealedSegmentsAsTheyAre() throws Exception {
    filled();
    checkAgainstFiles();
    assertThat(manifest().segments()).hasSizeGreaterThan(2);
    assertThat(manifest().segments().get(0).lastAppendMs()).isEqualTo(fixture.nowMs.get());
  }

  /** The checksum goes on where the log does: after a stop, a crash and a cut. */
  @Test
  void checksumsHoldAcrossReopeningAndCuts() throws Exception {
    fixture.open();
    Random random = new Random(3);
    for (int round = 0; round < 30; round++) {
      append(fixture, random.nextInt(30));
      switch (random.nextInt(4)) {
        case 0 -> fixture.reopenCleanly();
        case 1 -> fixture.reopenAfterKill();
        case 2 -> {
          long end = fixture.log.logEndOffset();
          fixture.log.truncateTo(Math.max(0, end - random.nextInt(25)));
        }
        default -> fixture.log.flush();
      }
      append(fixture, 30);
      fixture.log.flushSealed();
      fixture.checkpoint();
      checkAgainstFiles();
    }
  }

  @Test
  void aSegmentCutBetweenTwoBatchesIsNamed() throws Exception {
    filled();
    long base = baseOf(1);
    byte[] bytes = fixture.storage.content(log(base));
    int first = 12 + java.nio.ByteBuffer.wrap(bytes).getInt(8);
    fixture.storage.replace(log(base), Arrays.copyOf(bytes, bytes.length - first));
    refusesToOpen(
        SegmentFiles.name(base, ".log"),
        "at position " + (bytes.length - first) + ": it has",
        "sealed were " + bytes.length);
  }

  @Test
  void aMissingSegmentIsNamed() throws Exception {
    filled();
    int sealed = manifest().segments().size();
    for (int i = 0; i < sealed; i++) {
      long base = baseOf(i);
      byte[] bytes = fixture.storage.content(log(base));
      fixture.storage.deleteIfExists(log(base));
      refusesToOpen(SegmentFiles.name(base, ".log"), "it is missing");
      fixture.storage.replace(log(base), bytes);
    }
    fixture.storage.deleteIfExists(log(manifest().endOffset()));
    refusesToOpen(SegmentFiles.name(manifest().endOffset(), ".log"), "it is missing");
  }

  @Test
  void anOlderCopyOfASegmentIsNamed() throws Exception {
    fixture.open();
    append(fixture, 5);
    byte[] older = fixture.storage.content(log(0));
    append(fixture, 95);
    fixture.log.flushSealed();
    fixture.checkpoint();
    fixture.storage.replace(log(0), older);
    refusesToOpen(SegmentFiles.name(0, ".log"), "at position " + older.length);
  }

  @Test
  void aSegmentUnderASecondNameIsNamed() throws Exception {
    filled();
    fixture.storage.replace(log(baseOf(1) + 1), fixture.storage.content(log(baseOf(1))));
    refusesToOpen(SegmentFiles.name(baseOf(1) + 1, ".log"), "a copy, or foreign");
  }

  /** A cold segment is held against its size when it is opened for a read, too. */
  @Test
  void aSegmentThatIsCutUnderARunningLogIsNamedByTheRead() throws Exception {
    filled().reopenCleanly();
    long base = baseOf(1);
    byte[] bytes = fixture.storage.content(log(base));
    int first = 12 + java.nio.ByteBuffer.wrap(bytes).getInt(8);
    fixture.storage.replace(log(base), Arrays.copyOf(bytes, bytes.length - first));
    assertThatThrownBy(() -> fixture.records(base)).hasMessageContaining("was sealed at");
    assertThat(fixture.log.damage()).isPresent();
    // What a damaged log flushes is not claimed to be sound, and does not stop the others.
    long covered = manifest().endOffset();
    append(fixture, 50);
    fixture.log.flushSealed();
    assertThat(manifest().endOffset()).isEqualTo(covered);
  }

  /** Unknown means a full check, then it is written anew; recovery point and all stay in force. */
  @Test
  void aManifestThatIsAbsentOrDamagedIsMadeAnew() throws Exception {
    filled();
    List<String> all = fixture.records();
    Path file = LogFixture.DIRECTORY.resolve(LogManifest.FILE_NAME);
    byte[] sound = fixture.storage.content(file);
    for (int at = -1; at < sound.length; at++) {
      fixture.storage.killProcess();
      if (at < 0) {
        fixture.storage.deleteIfExists(file);
      } else {
        byte[] flipped = sound.clone();
        flipped[at] ^= 0x20;
        fixture.storage.replace(file, flipped);
      }
      fixture.afterCrash();
      assertThat(fixture.log.recovery().scannedBytes()).isGreaterThan(5000);
      assertThat(fixture.records()).isEqualTo(all);
      fixture.log.flushSealed();
      assertThat(fixture.storage.content(file)).isEqualTo(sound);
    }
    fixture.storage.deleteIfExists(file);
    byte[] bytes = fixture.storage.content(log(0));
    bytes[bytes.length - 1] ^= 1;
    fixture.storage.replace(log(0), bytes);
    refusesToOpen("damaged below its recovery point", SegmentFiles.name(0, ".log"), "position");
  }

  /** An older copy of the manifest leaves some segments unnamed: those are checked whole. */
  @Test
  void segmentsThatAnOlderManifestDoesNotNameAreChecked() throws Exception {
    filled();
    Path file = LogFixture.DIRECTORY.resolve(LogManifest.FILE_NAME);
    byte[] older = fixture.storage.content(file);
    append(fixture, 100);
    fixture.log.flushSealed();
    fixture.checkpoint();
    long unnamed = manifest().segments().get(manifest().segments().size() - 1).baseOffset();
    fixture.storage.replace(file, older);
    List<String> all = fixture.records();
    assertThat(fixture.reopenAfterKill().records()).isEqualTo(all);

    fixture.storage.replace(file, older);
    byte[] bytes = fixture.storage.content(log(unnamed));
    bytes[100] ^= 1;
    fixture.storage.replace(log(unnamed), bytes);
    refusesToOpen(SegmentFiles.name(unnamed, ".log"), "fails its CRC");
  }

  /** REC-4: its checksum matches, its content is of before. */
  @Test
  void anOlderCopyOfTheEpochsIsNotBelieved() throws Exception {
    fixture.open();
    append(fixture, 70);
    Path file = LogFixture.DIRECTORY.resolve(EpochCheckpoint.FILE_NAME);
    Path sidecar = LogFixture.DIRECTORY.resolve(EpochCheckpoint.FILE_NAME + ".crc");
    byte[] older = fixture.storage.content(file);
    byte[] olderSidecar = fixture.storage.content(sidecar);
    append(fixture, 30);
    EpochHistory epochs = fixture.log.epochs();
    for (boolean clean : new boolean[] {true, false}) {
      if (clean) {
        fixture.log.closeCleanly();
      }
      fixture.checkpoint();
      fixture.storage.killProcess();
      fixture.storage.replace(file, older);
      fixture.storage.replace(sidecar, olderSidecar);
      fixture.known =
          new io.highwater.log.recover.LastKnown(clean, fixture.known.recoveryPoint(), 0, 0);
      assertThat(fixture.open().log.epochs()).isEqualTo(epochs);
    }
  }

  /** RET-1: what lies below the log start may be gone, and goes when it is not. */
  @Test
  void segmentsBelowTheLogStartAreSwept() throws Exception {
    filled();
    fixture.log.advanceHighWatermark(100);
    long start = baseOf(2) + 1;
    fixture.log.advanceLogStart(start);
    fixture.log.flushSealed();
    assertThat(manifest().logStart()).isEqualTo(start);
    assertThat(baseOf(0)).isLessThan(start);
    fixture.checkpoint();
    fixture.reopenAfterKill();
    assertThat(fixture.log.logStartOffset()).isEqualTo(start);
    assertThat(fixture.storage.list(LogFixture.DIRECTORY))
        .contains(SegmentFiles.name(baseOf(0), ".log"))
        .doesNotContain(SegmentFiles.name(0, ".log"));
    assertThat(fixture.records(start)).hasSize((int) (100 - start));
    // The log start is in the manifest, too: a checkpoint that does not read takes nothing back.
    fixture.known = new io.highwater.log.recover.LastKnown(false, 0, 0, 0);
    assertThat(fixture.reopenAfterKill().log.logStartOffset()).isEqualTo(start);
  }

  @Test
  void lastAppendTimesSurviveACleanStopAndAreKeptByTheManifest() throws Exception {
    fixture.open();
    append(fixture, 30);
    long first = fixture.nowMs.get();
    fixture.nowMs.addAndGet(500);
    append(fixture, 1);
    fixture.nowMs.addAndGet(7_000);
    fixture.log.flushSealed();
    fixture.reopenCleanly();
    List<SegmentSummary> sealed = manifest().segments();
    assertThat(sealed.get(0).lastAppendMs()).isEqualTo(first);
    append(fixture, 40);
    fixture.log.flushSealed();
    fixture.checkpoint();
    fixture.nowMs.addAndGet(90_000);
    fixture.reopenAfterKill();
    assertThat(manifest().segments().get(0).lastAppendMs()).isEqualTo(first);
  }

  @Test
  void aManifestThatFindsNoSpaceIsWrittenNextTime() throws Exception {
    fixture.open();
    append(fixture, 100);
    fixture.storage.limitBytes(fixture.storage.usedBytes());
    assertThatThrownBy(fixture.log::flushSealed).hasMessageContaining("found no space");
    fixture.storage.limitBytes(Long.MAX_VALUE);
    fixture.log.flushSealed();
    checkAgainstFiles();
  }

  /** REC-6: at every step of rolls, flushes, cuts and resets the log opens, to before or after. */
  @Test
  void aCrashAtEveryOperationLeavesALogThatOpens() {
    boolean crashed = true;
    for (int at = 0; crashed; at++) {
      LogFixture crashing = new LogFixture().open();
      append(crashing, 50);
      crashing.log.flushSealed();
      crashing.checkpoint();
      crashing.storage.crashAfter(at);
      int least = (int) crashing.log.flushedOffset();
      crashed = false;
      try {
        append(crashing, 40);
        crashing.log.flushSealed();
        crashing.checkpoint();
        least = 0;
        crashing.log.truncateTo(20);
        least = 20;
        append(crashing, 60);
        crashing.log.flushSealed();
        crashing.checkpoint();
        least = (int) crashing.log.flushedOffset();
      } catch (HighwaterException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
        crashed = true;
      }
      crashing.storage.crash(at);
      crashing.afterCrash();
      int end = (int) crashing.log.logEndOffset();
      assertThat(end).as("crash at %d", at).isGreaterThanOrEqualTo(Math.min(least, 20));
      List<String> records = crashing.records();
      for (int i = 0; i < end; i++) {
        assertThat(records.get(i)).isEqualTo(i + ":v" + i);
      }
      append(crashing, 30);
      crashing.log.flushSealed();
      assertThat(crashing.checkpoint().reopenAfterKill().records()).hasSize(end + 30);
    }
  }

  @Test
  void aCrashAtEveryOperationOfAResetLeavesNoManifestOfBefore() throws Exception {
    boolean crashed = true;
    for (int at = 0; crashed; at++) {
      LogFixture crashing = new LogFixture().open();
      append(crashing, 80);
      crashing.log.flushSealed();
      crashing.checkpoint();
      crashing.storage.crashAfter(at);
      crashed = false;
      try {
        crashing.log.resetTo(300);
      } catch (HighwaterException e) {
        crashed = true;
      }
      crashing.storage.crash(at);
      long flushed = crashing.known.recoveryPoint();
      crashing.afterCrash();
      if (crashing.log.logEndOffset() != 300) {
        assertThat(crashed).isTrue();
        assertThat(crashing.log.logEndOffset()).as("crash at %d", at).isBetween(flushed, 80L);
      }
      for (int i = 0; i < 40; i++) {
        crashing.append(Batches.of(1, "next"));
      }
      crashing.log.flushSealed();
      crashing.checkpoint().reopenAfterKill();
    }
  }

  /** A flush that a cut overtook writes nothing of before. */
  @Test
  void aCutWaitsForTheManifestAndHasTheLastWord() throws Exception {
    filled();
    fixture.log.truncateTo(baseOf(1) + 1);
    assertThat(manifest().segments()).hasSize(1);
    fixture.checkpoint();
    fixture.reopenAfterKill();
    assertThat(fixture.log.logEndOffset()).isEqualTo(baseOf(0) + manifest().endOffset() + 1);
    fixture.storage.failNext(
        Operation.FORCE,
        path -> path.toString().contains(LogManifest.FILE_NAME),
        new IOException("EIO"));
    append(fixture, 60);
    assertThatThrownBy(fixture.log::flushSealed).hasMessageContaining("writing the manifest");
    assertThat(fixture.health.isOffline()).isTrue();
  }
}
