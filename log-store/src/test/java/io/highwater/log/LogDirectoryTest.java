package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.checkpoint.EpochCheckpoint;
import io.highwater.log.checkpoint.OffsetCheckpoint;
import io.highwater.log.io.AtomicFile;
import io.highwater.log.io.FileStorage;
import io.highwater.log.io.SimStorage;
import io.highwater.log.io.SimStorage.Operation;
import io.highwater.log.io.Storage;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogDirectoryTest {
  private static final Path ROOT = Path.of("/data");
  private static final TopicPartition T0 = new TopicPartition("t", 0);
  private static final UUID OLD = new UUID(1, 2);
  private static final UUID NEW = new UUID(3, 4);

  private final SimStorage storage = new SimStorage();
  private LogDirectory directory = opened(storage, ROOT, 1);

  private static LogDirectory opened(Storage storage, Path root, int nodeId) {
    return LogDirectory.open(root, storage, () -> 1000, nodeId, () -> new UUID(9, 9));
  }

  private static void failsWith(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(HighwaterException.class)
        .satisfies(e -> assertThat(((HighwaterException) e).code()).isEqualTo(code));
  }

  private PartitionLog openLog(UUID topicId) {
    return directory.openOrCreate(T0, topicId, LogFixture.SMALL);
  }

  @Test
  void aCleanShutdownIsRememberedOnceWithItsBrokerEpoch() {
    assertThat(directory.cleanShutdownEpoch()).isEmpty();
    openLog(OLD).appendAsLeader(Batches.of(1, "a", "b"), 0);
    directory.get(T0).orElseThrow().advanceHighWatermark(1);
    directory.closeCleanly(42);

    directory = opened(storage, ROOT, 1);
    assertThat(directory.cleanShutdownEpoch()).hasValue(42);
    PartitionLog log = openLog(OLD);
    assertThat(log.recovery().clean()).isTrue();
    assertThat(log.offsets()).isEqualTo(new LogOffsets(0, 1, 2, 2));

    storage.killProcess();
    directory = opened(storage, ROOT, 1);
    assertThat(directory.cleanShutdownEpoch()).isEmpty();
    assertThat(openLog(OLD).recovery().clean()).isFalse();
  }

  /** REC-2: nor does one that is killed then; the marker goes with the first log that is opened. */
  @Test
  void aStartThatOpensNoLogLeavesTheCleanShutdownForTheNext() {
    openLog(OLD).appendAsLeader(Batches.of(1, "a"), 0);
    directory.closeCleanly(42);

    opened(storage, ROOT, 1).close();
    directory = opened(storage, ROOT, 1);
    assertThat(directory.cleanShutdownEpoch()).hasValue(42);
    directory.joinCluster("c");
    storage.killProcess();
    directory = opened(storage, ROOT, 1);
    assertThat(directory.cleanShutdownEpoch()).hasValue(42);
    assertThat(openLog(OLD).recovery().clean()).isTrue();
    directory.close();
    assertThat(opened(storage, ROOT, 1).cleanShutdownEpoch()).isEmpty();
  }

  /** REC-2: the marker speaks of these checkpoints, not of those of a backup, nor of none. */
  @Test
  void aShutdownIsCleanOnlyWithItsOwnCheckpoints() throws Exception {
    List<Path> files = new ArrayList<>();
    for (String name :
        List.of(OffsetCheckpoint.RECOVERY_POINTS, OffsetCheckpoint.HIGH_WATERMARKS)) {
      files.add(ROOT.resolve(name));
      files.add(ROOT.resolve(name + ".crc"));
    }
    openLog(OLD).appendAsLeader(Batches.of(1, "a"), 0);
    directory.closeCleanly(42);
    Map<Path, byte[]> backup = new LinkedHashMap<>();
    for (Path file : files) {
      backup.put(file, storage.readAll(file, 4096));
    }
    directory = opened(storage, ROOT, 1);
    openLog(OLD).appendAsLeader(Batches.of(1, "b"), 0);
    directory.closeCleanly(43);
    for (Path file : files) {
      AtomicFile.write(storage, file, backup.get(file));
    }
    directory = opened(storage, ROOT, 1);
    assertThat(directory.cleanShutdownEpoch()).isEmpty();
    assertThat(openLog(OLD).recovery().clean()).isFalse();

    directory.closeCleanly(44);
    for (Path file : files) {
      storage.deleteIfExists(file);
    }
    directory = opened(storage, ROOT, 1);
    assertThat(directory.cleanShutdownEpoch()).isEmpty();
    assertThat(openLog(OLD).logEndOffset()).isEqualTo(2);
  }

  /** REC-2: nothing says clean when anything of the shutdown failed. */
  @Test
  void aShutdownThatFailsLeavesNoMarker() {
    openLog(OLD).appendAsLeader(Batches.of(1, "a"), 0);
    storage.failNext(
        Operation.FORCE, path -> path.toString().endsWith(".log"), new IOException("x"));
    failsWith(ErrorCode.KAFKA_STORAGE_ERROR, () -> directory.closeCleanly(42));
    directory = opened(storage, ROOT, 1);
    assertThat(directory.cleanShutdownEpoch()).isEmpty();
    assertThat(openLog(OLD).logEndOffset()).isEqualTo(1);
  }

  @Test
  void onlyOneBrokerHoldsADirectory(@TempDir Path root) {
    failsWith(ErrorCode.KAFKA_STORAGE_ERROR, () -> opened(storage, ROOT, 1));
    LogDirectory real = opened(new FileStorage(), root, 1);
    assertThatThrownBy(() -> opened(new FileStorage(), root, 1))
        .hasMessageContaining("another broker uses");
    real.close();
    opened(new FileStorage(), root, 1).close();
  }

  @Test
  void aDirectoryBelongsToOneNodeAndOneCluster() {
    assertThat(directory.clusterId()).isEmpty();
    directory.joinCluster("c1");
    directory.joinCluster("c1");
    failsWith(ErrorCode.INCONSISTENT_CLUSTER_ID, () -> directory.joinCluster("c2"));
    directory.close();
    failsWith(ErrorCode.INVALID_CONFIG, () -> opened(storage, ROOT, 2));
    directory = opened(storage, ROOT, 1);
    assertThat(directory.clusterId()).contains("c1");
    assertThat(directory.directoryId()).isEqualTo(new UUID(9, 9));
  }

  @Test
  void aRecreatedTopicNeverMeetsTheOldOne() throws Exception {
    openLog(OLD).appendAsLeader(Batches.of(1, "old"), 3);
    directory.get(T0).orElseThrow().flush();
    directory.checkpoint();
    failsWith(
        ErrorCode.KAFKA_STORAGE_ERROR, () -> reopened().openOrCreate(T0, NEW, LogFixture.SMALL));

    directory.delete(List.of(T0), OLD);
    PartitionLog log = openLog(NEW);
    assertThat(log.offsets()).isEqualTo(LogOffsets.emptyAt(0));
    assertThat(log.lastEpoch()).isEqualTo(EpochEnd.NONE);
    assertThat(storage.list(ROOT)).contains("t-0.00000000000000010000000000000002-delete", "t-0");
    assertThat(directory.partitions()).isEqualTo(Map.of(T0, Optional.of(NEW)));

    directory.removeDeleted();
    assertThat(storage.list(ROOT)).noneMatch(name -> name.endsWith("-delete"));
    directory.delete(List.of(T0), NEW); // Deleting what was never here, or twice, is no error.
    directory.delete(List.of(T0), NEW);
  }

  private LogDirectory reopened() {
    directory.close();
    directory = opened(storage, ROOT, 1);
    return directory;
  }

  @Test
  void aDeletionSurvivesAPowerLoss() {
    openLog(OLD).appendAsLeader(Batches.of(1, "old"), 3);
    directory.delete(List.of(T0), OLD);
    storage.losePower();
    directory = opened(storage, ROOT, 1);
    assertThat(directory.partitions()).isEmpty();
    directory.removeDeleted();
    assertThat(openLog(NEW).logEndOffset()).isZero();
  }

  @Test
  void dataOfAnUnknownTopicIsSetAsideWithItsBytes() throws Exception {
    openLog(OLD).appendAsLeader(Batches.of(1, "keep"), 0);
    directory.setAside(T0, OLD);
    directory.removeDeleted();
    assertThat(storage.list(ROOT)).anyMatch(name -> name.endsWith("-stray"));
    assertThat(directory.partitions()).isEmpty();
  }

  /** STO-9: without checkpoints the log is scanned, not believed. */
  @Test
  void unreadableCheckpointsMeanUnknown() throws Exception {
    openLog(OLD).appendAsLeader(Batches.of(1, "a", "b", "c"), 0);
    directory.closeCleanly(1);
    for (String name : storage.list(ROOT)) {
      if (name.endsWith("-checkpoint")) {
        storage.replace(ROOT.resolve(name), new byte[] {'0', '\n'});
      }
    }
    directory = opened(storage, ROOT, 1);
    PartitionLog log = openLog(OLD);
    assertThat(log.logEndOffset()).isEqualTo(3);
    assertThat(log.highWatermark()).isZero();
    assertThat(log.recovery().clean()).isFalse();
  }

  @Test
  void theHighWatermarkIsKnownWithItsEpochWithoutOpeningTheLog() {
    PartitionLog log = openLog(OLD);
    log.appendAsLeader(Batches.of(1, "a"), 3);
    log.onBecomeLeader(4);
    log.appendAsLeader(Batches.of(1, "b"), 4);
    log.advanceHighWatermark(1);
    directory.checkpoint();
    storage.losePower();
    directory = opened(storage, ROOT, 1);
    assertThat(directory.checkpointedHighWatermark(T0)).isEqualTo(new EpochEnd(3, 1));

    storage.replace(Path.of("/data/t-0/leader-epoch-checkpoint"), new byte[] {'x'});
    assertThat(directory.checkpointedHighWatermark(T0)).isEqualTo(new EpochEnd(EpochEnd.NONE, 1));
  }

  @Test
  void aLongTopicNameCanBeDeleted() {
    TopicPartition longest = new TopicPartition("n".repeat(249), 12);
    directory.openOrCreate(longest, OLD, LogFixture.SMALL);
    directory.delete(List.of(longest), OLD);
    assertThat(PartitionDirectory.leaving(longest, OLD, "-delete")).hasSize(255);
    directory.removeDeleted();
  }

  /** REC-3: what a checkpoint found sealed is not checked again, and never cut as a torn tail. */
  @Test
  void aCheckpointTakesTheRecoveryPointPastTheSealedSegments() {
    PartitionLog log = openLog(OLD);
    while (log.isHot(0)) {
      log.appendAsLeader(Batches.sized(1, 100), 0);
    }
    long active = log.logEndOffset() - 1;
    directory.checkpoint();
    assertThat(log.flushedOffset()).isEqualTo(active);
    byte[] tail = storage.content(Path.of("/data/t-0/%020d.log".formatted(active)));
    storage.killProcess();

    directory = opened(storage, ROOT, 1);
    assertThat(openLog(OLD).recovery().scannedBytes()).isEqualTo(tail.length);
    storage.killProcess();
    Path first = Path.of("/data/t-0/%020d.log".formatted(0));
    byte[] bytes = storage.content(first);
    storage.replace(first, java.util.Arrays.copyOf(bytes, bytes.length - 1));
    directory = opened(storage, ROOT, 1);
    assertThatThrownBy(() -> openLog(OLD))
        .hasMessageContaining("damaged below its recovery point")
        .hasMessageContaining("%020d.log at position".formatted(0));
  }

  /** Thousands of partitions must not mean thousands of descriptors. */
  @Test
  void idleLogsHoldNoDescriptor() {
    List<PartitionLog> logs = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      TopicPartition partition = new TopicPartition("t", i);
      logs.add(directory.openOrCreate(partition, OLD, LogFixture.SMALL));
    }
    logs.forEach(log -> log.appendAsLeader(Batches.of(1, "a"), 0));
    assertThat(storage.openFiles()).isEqualTo(9);
    directory.checkpoint();
    directory.checkpoint();
    assertThat(storage.openFiles()).as("not flushed").isEqualTo(9);
    logs.forEach(PartitionLog::flush);
    logs.get(0).appendAsLeader(Batches.of(1, "b"), 0);
    directory.checkpoint();
    assertThat(storage.openFiles()).as("one was not idle").isEqualTo(1);
    logs.forEach(log -> assertThat(LogFixture.records(log, 0)).contains("0:a"));
    logs.get(1).appendAsLeader(Batches.of(1, "b"), 0);
    assertThat(LogFixture.records(logs.get(1), 0)).containsExactly("0:a", "1:b");

    directory.closeCleanly(3);
    directory = opened(storage, ROOT, 1);
    for (int i = 0; i < 9; i++) {
      directory.openOrCreate(new TopicPartition("t", i), OLD, LogFixture.SMALL);
    }
    assertThat(storage.openFiles()).isZero();
  }

  /** REC-6: its partition may move away before the broker is back, and nobody else clears it. */
  /** A topic of a thousand partitions is a thousand times that. */
  @Test
  void aNewLogCostsOneSyncBesideItsDirectory() throws Exception {
    directory.createDirectories(Map.of(T0, OLD));
    List<Path> synced = new ArrayList<>();
    storage.whenSynced((operation, path) -> synced.add(path));
    openLog(OLD);
    assertThat(synced).containsExactly(ROOT.resolve("t-0"));
    assertThat(storage.list(ROOT.resolve("t-0")))
        .noneMatch(name -> name.startsWith(EpochCheckpoint.FILE_NAME));

    storage.losePower();
    directory = opened(storage, ROOT, 1);
    assertThat(openLog(OLD).logEndOffset()).isZero();
  }

  @Test
  void aDirectoryThatACrashLeftWithoutAnIdGoes() throws Exception {
    IOException failure = new IOException("no");
    storage.failNext(
        SimStorage.Operation.FORCE, path -> path.startsWith(ROOT.resolve("t-0")), failure);
    failsWith(ErrorCode.KAFKA_STORAGE_ERROR, () -> openLog(NEW));
    assertThat(storage.isDirectory(ROOT.resolve("t-0"))).isTrue();

    assertThat(reopened().partitions()).isEmpty();
    assertThat(storage.isDirectory(ROOT.resolve("t-0"))).isFalse();
  }

  /** CTL-5. */
  @Test
  void whatIsSetAsideTwiceIsKeptTwice() throws Exception {
    for (int i = 0; i < 3; i++) {
      openLog(OLD).appendAsLeader(Batches.of(1, "a"), 0);
      directory.setAside(T0, OLD);
    }
    assertThat(storage.list(ROOT).stream().filter(name -> name.contains("-stray"))).hasSize(3);
    assertThat(directory.partitions()).isEmpty();
    directory.removeDeleted();
    assertThat(storage.list(ROOT).stream().filter(name -> name.contains("-stray"))).hasSize(3);
  }

  /** REC-3. */
  @Test
  void aDamagedLogLiesAsideUntilItsPartitionIsFetchedAgain() throws Exception {
    openLog(OLD).appendAsLeader(Batches.of(1, "a"), 0);
    directory.setDamagedAside(T0, OLD);
    assertThat(openLog(OLD).logEndOffset()).isZero();
    directory.setDamagedAside(T0, OLD);
    storage.losePower();
    directory = opened(storage, ROOT, 1);
    directory.removeDeleted();

    TopicIdPartition id = new TopicIdPartition(OLD, T0.partition());
    assertThat(directory.damagedAside()).containsExactly(id);
    assertThat(directory.partitions()).isEmpty();
    assertThat(storage.list(ROOT).stream().filter(name -> name.contains("-damaged"))).hasSize(2);
    directory.deleteDamaged(new TopicIdPartition(NEW, T0.partition()));
    assertThat(directory.damagedAside()).containsExactly(id);
    directory.deleteDamaged(id);
    assertThat(storage.list(ROOT)).noneMatch(name -> name.contains("-damaged"));
  }
}
