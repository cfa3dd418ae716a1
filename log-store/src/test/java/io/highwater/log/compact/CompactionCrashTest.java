package io.highwater.log.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.Batches;
import io.highwater.log.LogFixture;
import io.highwater.log.compact.KeyedLog.Stored;
import io.highwater.log.io.SimStorage.Operation;
import io.highwater.log.io.StorageFullException;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.Codec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** CMP-5, REC-6: a cleaning that is stopped anywhere leaves each group as it was, or cleaned. */
class CompactionCrashTest {
  private static KeyedLog filled() {
    KeyedLog log = new KeyedLog();
    for (int i = 0; i < 70; i++) {
      log.append(Codec.NONE, 7, 2 * i, "a" + i % 5 + "=" + i, "b" + i % 7 + "=" + "x".repeat(i));
    }
    log.fixture.log.advanceHighWatermark(log.fixture.log.logEndOffset());
    log.fixture.log.flush();
    log.fixture.log.flushSealed();
    log.fixture.checkpoint();
    return log;
  }

  private static List<Stored> latest(List<Stored> records) {
    List<Stored> latest = new ArrayList<>();
    for (int i = 0; i < records.size(); i++) {
      String key = records.get(i).key();
      if (records.subList(i + 1, records.size()).stream().noneMatch(r -> r.key().equals(key))) {
        latest.add(records.get(i));
      }
    }
    return latest;
  }

  @Test
  void aCrashAtEveryOperationLeavesTheLogOrTheCleanedOne() throws IOException {
    KeyedLog undisturbed = filled();
    List<Stored> before = undisturbed.records();
    assertThat(undisturbed.clean()).isPresent();
    List<Stored> after = undisturbed.records();
    assertThat(after).hasSizeLessThan(before.size() / 2);
    for (int at = 0; ; at++) {
      KeyedLog log = filled();
      log.fixture.storage.crashAfter(at);
      boolean done = false;
      try {
        assertThat(log.clean()).isPresent();
        done = true;
      } catch (HighwaterException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
      }
      log.fixture.storage.crash(at);
      log.fixture.afterCrash();

      List<Stored> left = log.records();
      assertThat(before).as("crash at %d", at).containsAll(left);
      assertThat(left).as("crash at %d", at).containsAll(after);
      assertThat(latest(left)).isEqualTo(latest(before));
      assertThat(log.fixture.log.producers().all().iterator().next().nextSequence()).isEqualTo(140);
      assertThat(log.fixture.storage.list(LogFixture.DIRECTORY))
          .noneMatch(name -> name.endsWith(".cleaned") || name.endsWith(".swap"));
      // Cleaned again, it is as if nothing had happened; and it opens again without damage.
      log.clean();
      assertThat(log.records()).isEqualTo(after);
      log.fixture.log.flush();
      log.fixture.checkpoint().reopenAfterKill();
      assertThat(log.records()).isEqualTo(after);
      assertThat(log.fixture.log.damage()).isEmpty();
      if (done) {
        return;
      }
    }
  }

  @Test
  void aCrashWhileACrashedSwapIsFinishedChangesNothing() throws IOException {
    int committed = commitPoint();
    for (int at = 0; ; at++) {
      KeyedLog log = filled();
      List<Stored> before = log.records();
      log.fixture.storage.crashAfter(committed);
      assertThatThrownBy(log::clean).isInstanceOf(HighwaterException.class);
      log.fixture.storage.losePower();
      log.fixture.storage.crashAfter(at);
      boolean done = false;
      try {
        log.fixture.afterCrash();
        done = true;
      } catch (HighwaterException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
      }
      log.fixture.storage.losePower();
      log.fixture.afterCrash();
      assertThat(latest(log.records())).as("crash at %d", at).isEqualTo(latest(before));
      assertThat(log.records()).hasSizeLessThan(before.size());
      if (done) {
        return;
      }
    }
  }

  /** Changes of the disk up to the first swap's commit. */
  private static int commitPoint() throws IOException {
    for (int at = 0; ; at++) {
      KeyedLog log = filled();
      log.fixture.storage.crashAfter(at);
      assertThatThrownBy(log::clean).isInstanceOf(HighwaterException.class);
      log.fixture.storage.losePower();
      if (log.fixture.storage.list(LogFixture.DIRECTORY).stream()
          .anyMatch(name -> name.endsWith(".manifest.swap"))) {
        return at;
      }
    }
  }

  /** STO-10: the bytes are not copied, the log is marked, the fault is this log's alone. */
  @Test
  void aCorruptBatchStopsTheCleaningOfThisLogAndNothingElse() {
    KeyedLog log = filled();
    List<Stored> before = log.records();
    Path first = SegmentFiles.path(LogFixture.DIRECTORY, 0, SegmentFiles.LOG);
    byte[] bytes = log.fixture.storage.content(first);
    bytes[bytes.length / 2] ^= 1;
    log.fixture.storage.replace(first, bytes);

    assertThatThrownBy(log::clean).hasMessageContaining("is damaged in segment 0");

    assertThat(log.fixture.health.isOffline()).isFalse();
    assertThat(log.fixture.log.damage()).isPresent();
    assertThat(log.fixture.log.compaction().isEnabled()).isFalse();
    assertThat(log.fixture.log.compaction().status().fault()).isPresent();
    assertThat(log.clean()).isEmpty();
    long end = log.fixture.log.logEndOffset();
    log.append("still=here");
    assertThat(log.fixture.records(end)).containsExactly(end + ":here");
    bytes[bytes.length / 2] ^= 1;
    log.fixture.storage.replace(first, bytes);
    assertThat(log.records()).startsWith(before.toArray(new Stored[0]));
  }

  @Test
  void aFullDiskEndsTheRunWithoutEffect() throws IOException {
    KeyedLog log = filled();
    List<Stored> before = log.records();
    log.fixture.storage.failNext(
        Operation.WRITE,
        path -> path.toString().endsWith(".cleaned"),
        new StorageFullException("full", null));
    assertThatThrownBy(log::clean)
        .isInstanceOfSatisfying(
            HighwaterException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL));
    assertThat(log.records()).isEqualTo(before);
    assertThat(log.fixture.storage.list(LogFixture.DIRECTORY))
        .noneMatch(name -> name.endsWith(".cleaned"));
    log.fixture.storage.failNext(
        Operation.WRITE,
        path -> path.toString().endsWith("segments.manifest.tmp"),
        new StorageFullException("full", null));
    assertThatThrownBy(log::clean)
        .isInstanceOfSatisfying(
            HighwaterException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL));
    assertThat(log.records()).isEqualTo(before);
    assertThat(log.clean()).isPresent();
    assertThat(log.records()).hasSizeLessThan(before.size());
  }

  /** CMP-4, IDM-2: retries are recognised, also by who knows the compacted log alone. */
  @Test
  void retriesAreRecognisedWhenTheirRecordsAreGone() throws IOException {
    KeyedLog log = new KeyedLog();
    for (int i = 0; i < 6; i++) {
      log.append(Codec.NONE, 7, i, "same=" + i);
    }
    log.append("same=last");
    log.roll();
    assertThat(log.clean()).isPresent();
    assertThat(log.records().stream().map(Stored::value)).doesNotContain("0", "5");
    log.fixture.log.flush();
    log.fixture.checkpoint();
    log.fixture.storage.killProcess();
    for (String name : log.fixture.storage.list(LogFixture.DIRECTORY)) {
      if (name.contains(".snapshot")) {
        log.fixture.storage.deleteIfExists(LogFixture.DIRECTORY.resolve(name));
      }
    }
    log.fixture.afterCrash();
    for (int i = 1; i < 6; i++) {
      assertThat(
              log.fixture
                  .log
                  .appendAsLeader(KeyedLog.batch(Codec.NONE, 7, i, 1, "same=" + i), 0)
                  .duplicate())
          .isTrue();
    }
  }

  @Test
  void aLeaderRefusesRecordsWithoutAKeyInCompactedTopicsOnly() {
    KeyedLog log = new KeyedLog();
    for (Codec codec : KeyedLog.CODECS) {
      assertThatThrownBy(() -> log.append(codec, -1, -1, "a=1", "=2"))
          .isInstanceOfSatisfying(
              HighwaterException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_RECORD));
    }
    assertThat(log.fixture.log.logEndOffset()).isZero();
    LogFixture plain = new LogFixture().open();
    plain.append(KeyedLog.batch(Codec.NONE, -1, -1, 1, "=2"));
    assertThat(plain.log.logEndOffset()).isEqualTo(1);
  }

  /** CMP-5: a cut between the reading and the swap. */
  @Test
  void aTruncationMeanwhileEndsTheRunWithoutEffect() throws IOException {
    KeyedLog log = filled();
    LogCompaction compaction = log.fixture.log.compaction();
    boolean[] cut = {false};
    CleanerBuffers buffers =
        new CleanerBuffers(
            1 << 20,
            0.9,
            1000,
            new Random(1),
            new IoThrottle(
                1,
                () -> 0,
                nanos -> {
                  if (!cut[0]) {
                    cut[0] = true;
                    log.fixture.log.truncateTo(100);
                  }
                }));
    assertThat(compaction.run(compaction.liveBatches(), buffers)).isEmpty();
    assertThat(cut[0]).isTrue();
    assertThat(log.fixture.log.logEndOffset()).isEqualTo(100);
    assertThat(log.records()).hasSize(100);
    assertThat(log.fixture.storage.list(LogFixture.DIRECTORY))
        .noneMatch(name -> name.endsWith(".cleaned") || name.endsWith(".swap"));
    assertThat(log.clean()).isPresent();
    log.fixture.append(Batches.of(1, "x"));
  }

  /** STO-2, REP-7: a follower takes what is left, gaps and all, and a cut within a gap holds. */
  @Test
  void aFollowerOfACompactedLogHasTheSameRecords() {
    KeyedLog leader = filled();
    assertThat(leader.clean()).isPresent();
    KeyedLog follower = new KeyedLog();
    java.nio.ByteBuffer into = java.nio.ByteBuffer.allocate(4096);
    while (follower.fixture.log.logEndOffset() < leader.fixture.log.logEndOffset()) {
      long from = follower.fixture.log.logEndOffset();
      var read = leader.fixture.log.read(from, Long.MAX_VALUE, into.clear());
      assertThat(read.previousEnd()).isEqualTo(from);
      follower.fixture.log.appendAsFollower(into.flip(), read.previousEnd(), 0);
    }
    List<Stored> records = leader.records();
    assertThat(follower.records()).isEqualTo(records);
    follower.fixture.reopenAfterKill();
    assertThat(follower.records()).isEqualTo(records);
    for (long offset = 139; offset >= 0; offset--) {
      long at = offset;
      follower.fixture.log.truncateTo(at);
      assertThat(follower.fixture.log.logEndOffset()).isLessThanOrEqualTo(at);
      List<Stored> kept = records.stream().filter(record -> record.offset() < at).toList();
      assertThat(kept).startsWith(follower.records().toArray(new Stored[0]));
      if (offset % 10 == 0) {
        follower.fixture.reopenAfterKill();
      }
    }
  }
}
