package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.io.SimStorage;
import io.highwater.log.io.Storage;
import io.highwater.log.recover.LastKnown;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Crashes, torn tails and damage: what is left is a sound prefix, or a named error. */
class CrashTest {
  private final LogFixture fixture = new LogFixture();

  private void fill(int batches) {
    fill(fixture.open(), 0, batches);
  }

  private static void fill(LogFixture fixture, int from, int to) {
    for (int i = from; i < to; i++) {
      fixture.log.appendAsLeader(Batches.produced(5, 0, 2 * i, "a" + i, "b" + i), i / 4);
    }
  }

  private Path tailFile() throws Exception {
    List<String> names = fixture.storage.list(LogFixture.DIRECTORY);
    String last = names.stream().filter(n -> n.endsWith(".log")).reduce((a, b) -> b).orElseThrow();
    return LogFixture.DIRECTORY.resolve(last);
  }

  private static LogFixture on(SimStorage storage, LastKnown known) {
    LogFixture opened = new LogFixture(storage);
    opened.known = known;
    return opened;
  }

  /** REC-1. */
  @Test
  void aTailCutAtAnyByteLeavesTheWholeBatchesBeforeIt() throws Exception {
    fill(30);
    List<String> all = fixture.records();
    fixture.storage.killProcess();
    Path tail = tailFile();
    byte[] bytes = fixture.storage.content(tail);
    long base = SegmentFiles.offsetOf(tail.getFileName().toString(), ".log").orElseThrow();
    for (int length = 0; length <= bytes.length; length++) {
      SimStorage damaged = fixture.storage.copy();
      damaged.replace(tail, Arrays.copyOf(bytes, length));
      LogFixture once = on(damaged, LastKnown.NOTHING).open();
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
    fill(30);
    List<String> all = fixture.records();
    fixture.storage.killProcess();
    Path tail = tailFile();
    byte[] bytes = fixture.storage.content(tail);
    for (int at = 0; at < bytes.length; at++) {
      SimStorage damaged = fixture.storage.copy();
      byte[] flipped = bytes.clone();
      flipped[at] ^= 0x10;
      damaged.replace(tail, flipped);
      LogFixture opened = on(damaged, LastKnown.NOTHING).open();
      int end = (int) opened.log.logEndOffset();
      boolean inEpoch = flippedEpoch(bytes, at);
      if (!inEpoch) {
        assertThat(end).as("byte %d", at).isLessThan(60);
      }
      assertThat(opened.records()).isEqualTo(all.subList(0, end));
    }
  }

  /** A greater epoch is a sound history by itself; only the leader's can tell. */
  private static boolean flippedEpoch(byte[] log, int at) {
    int start = 0;
    while (start < log.length) {
      int size = 12 + java.nio.ByteBuffer.wrap(log).getInt(start + 8);
      if (at < start + size) {
        return at >= start + 12 && at < start + 16;
      }
      start += size;
    }
    return false;
  }

  /** STO-4, STO-10: a running log never serves bytes that were changed below it. */
  @Test
  void aFlippedByteIsNeverServed() throws Exception {
    fill(30);
    List<String> all = fixture.records();
    fixture.log.closeCleanly();
    fixture.checkpoint();
    LastKnown clean = new LastKnown(true, 60, 60, 0);
    Path first = LogFixture.DIRECTORY.resolve("00000000000000000000.log");
    byte[] bytes = fixture.storage.content(first);
    for (int at = 0; at < bytes.length; at++) {
      int mask = 1 << (at % 8);
      SimStorage damaged = fixture.storage.copy();
      byte[] flipped = bytes.clone();
      flipped[at] ^= (byte) mask;
      damaged.replace(first, flipped);
      LogFixture opened = on(damaged, clean).open();
      for (int offset : new int[] {0, 7, 40, 59}) {
        try {
          assertThat(opened.records(offset)).isEqualTo(all.subList(offset, 60));
        } catch (HighwaterException e) {
          assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
          assertThat(offset).as("byte %d", at).isNotEqualTo(59);
        }
      }
      assertThatThrownBy(() -> opened.records(0)).isInstanceOf(HighwaterException.class);
      assertThat(opened.log.damage()).isPresent();
    }
  }

  /** STO-10. */
  @Test
  void damageThatASearchByTimeFindsIsRemembered() throws Exception {
    fill(3);
    Path tail = tailFile();
    byte[] bytes = fixture.storage.content(tail);
    bytes[70] ^= 1;
    fixture.storage.replace(tail, bytes);
    assertThatThrownBy(() -> fixture.log.offsetForTimestamp(1, Long.MAX_VALUE))
        .hasMessageContaining("fails its CRC");
    assertThat(fixture.log.damage()).isPresent();
  }

  /** INP-1: a damaged length may claim the rest of the segment; nobody allocates that. */
  @Test
  void aDamagedLengthIsNotAllocated() throws Exception {
    fixture.config = LogFixture.SMALL.withSegmentBytes(16 << 20).withMaxBatchBytes(1 << 20);
    fixture.open();
    for (int i = 0; i < 12; i++) {
      fixture.append(Batches.sized(1, 900_000));
    }
    fixture.log.flush();
    Path tail = tailFile();
    byte[] bytes = fixture.storage.content(tail);
    java.nio.ByteBuffer.wrap(bytes).putInt(8, 9_000_000);
    fixture.storage.replace(tail, bytes);

    assertThatThrownBy(
            () -> fixture.log.read(0, Long.MAX_VALUE, java.nio.ByteBuffer.allocate(1000)))
        .hasMessageContaining("a batch of 9000012 bytes fails its CRC");
    fixture.reopenAfterKill();
    assertThat(fixture.log.logEndOffset()).isZero();
    assertThat(fixture.log.recovery().problem())
        .isEqualTo("a batch of 9000012 bytes that its CRC does not bear out");
  }

  /** REC-3. */
  @Test
  void damageBelowTheRecoveryPointIsNotCut() throws Exception {
    fill(30);
    fixture.log.flush();
    fixture.checkpoint();
    fixture.storage.killProcess();
    Path tail = tailFile();
    byte[] bytes = fixture.storage.content(tail);
    fixture.storage.replace(tail, Arrays.copyOf(bytes, bytes.length - 1));

    assertThatThrownBy(fixture::afterCrash)
        .isInstanceOf(HighwaterException.class)
        .hasMessageContaining("damaged below its recovery point")
        .satisfies(
            e ->
                assertThat(((HighwaterException) e).code())
                    .isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR));
    assertThat(fixture.storage.content(tail)).hasSize(bytes.length - 1);
    assertThat(fixture.health.isOffline()).isFalse();
  }

  /** STO-9: one damaged log is that log's error, by name. */
  @Test
  void aDamagedIntentionToResetIsNamed() throws Exception {
    fill(3);
    fixture.storage.killProcess();
    Path intention = LogFixture.DIRECTORY.resolve("reset-to");
    fixture.storage.open(intention, Storage.OpenMode.CREATE).close();
    for (String text : List.of("", "5x", "-7", "99999999999999999999")) {
      fixture.storage.replace(intention, text.getBytes(StandardCharsets.US_ASCII));
      assertThatThrownBy(fixture::afterCrash)
          .isInstanceOf(HighwaterException.class)
          .hasMessageContaining("damaged reset-to file");
      assertThat(fixture.health.isOffline()).isFalse();
    }
    assertThat(fixture.storage.content(tailFile())).isNotEmpty();
  }

  /** REC-5: files gone below the recovery point are loss, not a new log. */
  @Test
  void aMissingSegmentBelowTheRecoveryPointIsNotSkipped() throws Exception {
    fill(30);
    fixture.log.flush();
    fixture.checkpoint();
    fixture.storage.killProcess();
    fixture.storage.deleteIfExists(tailFile());
    assertThatThrownBy(fixture::afterCrash).hasMessageContaining("damaged below");
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
      if (at % 2 == 0) {
        crashing.storage.killProcess();
      } else {
        crashing.storage.losePower(new Random(at));
      }
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
    fill(60);
    fixture.log.flushSealed();
    fixture.checkpoint();
    fill(fixture, 60, 200);
    fixture.storage.killProcess();
    List<String> logs =
        fixture.storage.list(LogFixture.DIRECTORY).stream()
            .filter(n -> n.endsWith(".log"))
            .toList();
    Path torn = LogFixture.DIRECTORY.resolve(logs.get(logs.size() - 3));
    byte[] bytes = fixture.storage.content(torn);
    fixture.storage.replace(torn, Arrays.copyOf(bytes, bytes.length - 7));
    LogFixture once = on(fixture.storage.copy(), fixture.known).open();
    List<String> records = once.records();
    assertThat(records).hasSizeBetween(130, 390);
    assertThat(once.log.recovery().cutBytes()).isGreaterThan(2000);

    boolean done = false;
    for (int at = 0; !done; at++) {
      LogFixture again = on(fixture.storage.copy(), fixture.known);
      done = true;
      for (int next = at; next < at + 3; next++) {
        again.storage.crashAfter(next);
        try {
          again.afterCrash();
        } catch (HighwaterException e) {
          assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
          done = false;
        }
        if (at % 2 == 0) {
          again.storage.killProcess();
        } else {
          again.storage.losePower(new Random(at));
        }
      }
      again.afterCrash();
      assertThat(again.records()).as("interrupted at %d", at).isEqualTo(records);
      assertThat(again.log.epochs()).isEqualTo(once.log.epochs());
      assertThat(again.log.producers().all()).hasToString(once.log.producers().all().toString());
    }
  }

  /** STO-5. */
  @Test
  void damagedIndexesChangeNoRead() throws Exception {
    fill(60);
    List<String> all = fixture.records();
    fixture.log.closeCleanly();
    LastKnown clean = new LastKnown(true, 120, 0, 0);
    Random random = new Random(1);
    for (String name : fixture.storage.list(LogFixture.DIRECTORY)) {
      if (!name.endsWith("index") && !name.endsWith(".manifest")) {
        continue;
      }
      Path file = LogFixture.DIRECTORY.resolve(name);
      byte[] sound = fixture.storage.content(file);
      byte[] noise = sound.clone();
      random.nextBytes(noise);
      byte[][] damages = {
        null,
        new byte[0],
        Arrays.copyOf(sound, sound.length / 2),
        new byte[sound.length],
        noise,
        Arrays.copyOf(sound, sound.length + 8)
      };
      for (byte[] damage : damages) {
        SimStorage damaged = fixture.storage.copy();
        if (damage == null) {
          damaged.deleteIfExists(file);
        } else {
          damaged.replace(file, damage);
        }
        LogFixture opened = on(damaged, clean).open();
        for (int offset : new int[] {0, 33, 77, 119}) {
          assertThat(opened.records(offset)).isEqualTo(all.subList(offset, 120));
        }
        assertThat(opened.log.offsetForTimestamp(1001, Long.MAX_VALUE).orElseThrow().offset())
            .isEqualTo(1);
      }
    }
  }

  /** STO-9: an unreadable state file means unknown, and unknown is rebuilt. */
  @Test
  void aDamagedStateFileIsRebuiltFromTheLog() throws Exception {
    fill(30);
    EpochHistory epochs = fixture.log.epochs();
    String producers = fixture.log.producers().all().toString();
    fixture.log.closeCleanly();
    LastKnown clean = new LastKnown(true, 60, 0, 0);
    for (String name : fixture.storage.list(LogFixture.DIRECTORY)) {
      if (name.endsWith(".log") || name.endsWith("index")) {
        continue;
      }
      Path file = LogFixture.DIRECTORY.resolve(name);
      for (int at = 0; at < fixture.storage.content(file).length; at++) {
        SimStorage damaged = fixture.storage.copy();
        byte[] flipped = fixture.storage.content(file);
        flipped[at] ^= 0x01;
        damaged.replace(file, flipped);
        LogFixture opened = on(damaged, clean).open();
        assertThat(opened.log.logEndOffset()).isEqualTo(60);
        assertThat(opened.log.epochs()).as(name).isEqualTo(epochs);
        assertThat(opened.log.producers().all()).as(name).hasToString(producers);
      }
    }
  }
}
