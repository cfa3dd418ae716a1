package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.io.SimStorage.Operation;
import io.highwater.log.io.StorageFullException;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** STO-7, STO-8: disks that fill up, fail to write and fail to sync. */
class DiskFaultTest {
  private final LogFixture fixture = new LogFixture().open();

  private static boolean isLog(Path path) {
    return path.toString().endsWith(".log");
  }

  private static void failsWith(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(HighwaterException.class)
        .satisfies(e -> assertThat(((HighwaterException) e).code()).isEqualTo(code));
  }

  @Test
  void aFullDiskRefusesAppendsUntilThereIsSpaceAgain() {
    fixture.append(Batches.of(1, "a"));
    List<String> before = fixture.records();
    fixture.storage.limitBytes(fixture.storage.usedBytes() + 30);

    for (int i = 0; i < 3; i++) {
      failsWith(ErrorCode.STORAGE_FULL, () -> fixture.append(Batches.of(1, "b")));
    }
    assertThat(fixture.records()).isEqualTo(before);
    assertThat(fixture.log.logEndOffset()).isEqualTo(1);

    fixture.storage.limitBytes(Long.MAX_VALUE);
    assertThat(fixture.append(Batches.of(1, "c")).baseOffset()).isEqualTo(1);
    assertThat(fixture.reopenAfterKill().records()).containsExactly("0:a", "1:c");
  }

  @Test
  void aDiskThatFillsAtAnyByteLosesNothingAndRepeatsNothing() {
    for (int room = 0; room < 4000; room += 13) {
      LogFixture full = new LogFixture().open();
      full.storage.limitBytes(full.storage.usedBytes() + room);
      int appended = 0;
      boolean refused = false;
      for (int i = 0; i < 40; i++) {
        try {
          full.append(Batches.produced(9, 0, appended, "v" + appended));
          appended++;
        } catch (HighwaterException e) {
          assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL);
          refused = true;
          full.storage.limitBytes(Long.MAX_VALUE);
        }
      }
      assertThat(refused || room > 2000).isTrue();
      assertThat(full.log.logEndOffset()).isEqualTo(appended);
      assertThat(full.records()).hasSize(appended);
      assertThat(full.reopenAfterKill().records()).hasSize(appended);
    }
  }

  @Test
  void aTornWriteIsCutBack() {
    fixture.append(Batches.of(1, "a"));
    fixture.storage.tearNext(DiskFaultTest::isLog, 70, new StorageFullException("full", null));
    failsWith(ErrorCode.STORAGE_FULL, () -> fixture.append(Batches.of(1, "lost")));
    assertThat(fixture.reopenAfterKill().records()).containsExactly("0:a");
    assertThat(fixture.log.recovery().cutBytes()).isZero();
  }

  @Test
  void aFailedWriteTakesTheDirectoryOfflineAndReadsGoOn() {
    fixture.append(Batches.of(1, "a"));
    fixture.storage.tearNext(DiskFaultTest::isLog, 70, new IOException("EIO"));
    failsWith(ErrorCode.KAFKA_STORAGE_ERROR, () -> fixture.append(Batches.of(1, "lost")));
    failsWith(ErrorCode.KAFKA_STORAGE_ERROR, () -> fixture.append(Batches.of(1, "refused")));
    assertThat(fixture.health.isOffline()).isTrue();
    assertThat(fixture.records()).containsExactly("0:a");
  }

  @Test
  void whatCannotBeCutBackTakesTheDirectoryOffline() {
    fixture.append(Batches.of(1, "a"));
    fixture.storage.tearNext(DiskFaultTest::isLog, 70, new StorageFullException("full", null));
    fixture.storage.failNext(Operation.TRUNCATE, DiskFaultTest::isLog, new IOException("EIO"));
    failsWith(ErrorCode.KAFKA_STORAGE_ERROR, () -> fixture.append(Batches.of(1, "lost")));
    assertThat(fixture.health.isOffline()).isTrue();
  }

  /** STO-7, ACK-2: the batch was shown to readers before its index entries were written. */
  @Test
  void anIndexThatCannotBeWrittenFailsTheNextAppendNotTheOneThatIsIn() {
    LogConfig dense = LogFixture.SMALL.withSegmentBytes(1 << 20).withIndexIntervalBytes(0);
    LogFixture indexed = new LogFixture(dense).open();
    indexed.storage.failNext(
        Operation.WRITE, path -> path.toString().endsWith(".index"), new IOException("EIO"));
    int appended = 0;
    while (!indexed.health.isOffline()) {
      assertThat(indexed.append(Batches.of(1, "a")).baseOffset()).isEqualTo(appended++);
    }
    assertThat(indexed.log.logEndOffset()).isEqualTo(appended);
    failsWith(ErrorCode.KAFKA_STORAGE_ERROR, () -> indexed.append(Batches.of(1, "b")));
    assertThat(indexed.log.logEndOffset()).isEqualTo(appended);
  }

  @Test
  void aFailedSyncIsFinal() {
    fixture.append(Batches.of(1, "a"));
    fixture.storage.failNext(Operation.FORCE, DiskFaultTest::isLog, new IOException("EIO"));
    failsWith(ErrorCode.KAFKA_STORAGE_ERROR, () -> fixture.log.flush());
    assertThat(fixture.log.flushedOffset()).isZero();
    failsWith(ErrorCode.KAFKA_STORAGE_ERROR, () -> fixture.log.flush());
    failsWith(ErrorCode.KAFKA_STORAGE_ERROR, () -> fixture.append(Batches.of(1, "b")));
    failsWith(ErrorCode.KAFKA_STORAGE_ERROR, () -> fixture.log.closeCleanly());
    assertThat(fixture.log.flushedOffset()).isZero();
  }

  @Test
  void aReadErrorIsNamedAndPasses() {
    fixture.append(Batches.of(1, "a"));
    fixture.storage.failNext(Operation.READ, DiskFaultTest::isLog, new IOException("EIO"));
    failsWith(ErrorCode.KAFKA_STORAGE_ERROR, fixture::records);
    assertThat(fixture.records()).containsExactly("0:a");
  }

  @Test
  void aResetThatFindsNoSpaceChangesNothingAndIsDoneLater() {
    fixture.log.appendAsLeader(Batches.of(1, "a"), 0);
    fixture.storage.limitBytes(fixture.storage.usedBytes());
    failsWith(ErrorCode.STORAGE_FULL, () -> fixture.log.resetTo(500));
    assertThat(fixture.health.isOffline()).isFalse();
    assertThat(fixture.log.logEndOffset()).isEqualTo(1);

    fixture.storage.limitBytes(Long.MAX_VALUE);
    fixture.log.resetTo(500);
    assertThat(fixture.log.logStartOffset()).isEqualTo(500);
  }

  @Test
  void aNewLogThatIsToBeginWhereItDoesTouchesNoDisk() {
    List<Path> synced = new ArrayList<>();
    fixture.storage.whenSynced((operation, path) -> synced.add(path));
    fixture.log.resetTo(0);
    assertThat(synced).isEmpty();

    fixture.log.onBecomeLeader(3);
    fixture.log.resetTo(0);
    assertThat(fixture.log.lastEpoch()).as("the epoch is forgotten").isEqualTo(-1);
  }

  @Test
  void aFailedRollChangesNothing() {
    while (fixture.log.isHot(0)) {
      fixture.append(Batches.sized(1, 100));
    }
    long end = fixture.log.logEndOffset();
    for (String suffix : List.of(".index", ".timeindex", ".manifest", ".snapshot", ".log")) {
      fixture.storage.failNext(
          Operation.CREATE,
          path -> path.toString().endsWith(suffix),
          new StorageFullException("full", null));
    }
    int refused = 0;
    long target = end + 60;
    while (fixture.log.logEndOffset() < target) {
      try {
        fixture.append(Batches.sized(1, 100));
      } catch (HighwaterException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL);
        refused++;
      }
    }
    assertThat(refused).isEqualTo(5);
    assertThat(fixture.reopenAfterKill().records()).hasSize((int) target);
  }
}
