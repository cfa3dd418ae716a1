package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.io.SimStorage;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * REC-6: a crash at every file operation of a directory's whole life: format, create, append, roll,
 * checkpoint, retention, delete, clean close.
 */
class DirectoryCrashTest {
  private static final Path ROOT = Path.of("/data");
  private static final TopicPartition KEPT = new TopicPartition("kept", 0);
  private static final TopicPartition DELETED = new TopicPartition("deleted", 3);
  private static final UUID KEPT_ID = new UUID(0, 1);
  private static final UUID DELETED_ID = new UUID(0, 2);
  private static final int BATCHES = 40;
  private static final int LOG_START = 7;

  /** What the program was told before the crash. */
  private static final class Told {
    private boolean created;
    private boolean deleted;
    private boolean checkpointedStart;
    private boolean closed;
    private int appended;
    private long flushed;
  }

  private static LogDirectory open(SimStorage storage) {
    return LogDirectory.open(ROOT, storage, () -> 1_000_000, 1, () -> new UUID(0, 9));
  }

  private static void live(SimStorage storage, Told told) {
    LogDirectory directory = open(storage);
    directory.joinCluster("a-cluster");
    PartitionLog log = directory.openOrCreate(KEPT, KEPT_ID, LogFixture.SMALL);
    told.created = true;
    PartitionLog other = directory.openOrCreate(DELETED, DELETED_ID, LogFixture.SMALL);
    for (int i = 0; i < BATCHES; i++) {
      log.appendAsLeader(Batches.produced(5, 0, i, "v" + i + "x".repeat(60)), i / 15);
      told.appended = i + 1;
      other.appendAsLeader(Batches.of(1, "o" + i), 0);
      if (i == BATCHES / 2) {
        log.advanceHighWatermark(i);
        log.advanceLogStart(LOG_START);
      }
      if (i % 9 == 8) {
        directory.checkpoint();
        told.flushed = log.flushedOffset();
        told.checkpointedStart = i > BATCHES / 2;
      }
    }
    directory.delete(List.of(DELETED), DELETED_ID);
    told.deleted = true;
    directory.removeDeleted();
    directory.closeCleanly(7);
    told.closed = true;
  }

  private static List<String> expected(long from, long to) {
    List<String> records = new ArrayList<>();
    for (long i = from; i < to; i++) {
      records.add(i + ":v" + i + "x".repeat(60));
    }
    return records;
  }

  @Test
  void aCrashAtEveryOperationOfADirectorysLifeLosesNothingThatWasPromised() {
    boolean whole = false;
    for (int at = 0; !whole; at++) {
      whole = crash(at, false);
      crash(at, true);
    }
  }

  /** Returns whether the life was over before the crash. */
  private static boolean crash(int at, boolean power) {
    SimStorage storage = new SimStorage();
    storage.crashAfter(at);
    Told told = new Told();
    try {
      live(storage, told);
    } catch (HighwaterException e) {
      assertThat(e.code()).as("crash at %d", at).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
    }
    if (power) {
      storage.losePower(new Random(at));
    } else {
      storage.killProcess();
    }
    LogDirectory directory = open(storage);
    String when = (power ? "power loss at " : "crash at ") + at;
    // The marker is the last that is written: there it may be before anybody is told.
    assertThat(directory.cleanShutdownEpoch().orElse(told.closed ? -1 : 7)).as(when).isEqualTo(7);
    if (told.created) {
      assertThat(directory.partitions()).as(when).containsKey(KEPT);
    }
    if (told.deleted) {
      assertThat(directory.partitions()).as(when).doesNotContainKey(DELETED);
    }
    PartitionLog log = directory.openOrCreate(KEPT, KEPT_ID, LogFixture.SMALL);
    long end = log.logEndOffset();
    assertThat(end).as(when).isBetween(power ? told.flushed : told.appended, told.appended + 1L);
    assertThat(log.logStartOffset()).as(when).isIn(0L, (long) LOG_START);
    if (told.checkpointedStart) {
      assertThat(log.logStartOffset()).as(when).isEqualTo(LOG_START);
    }
    assertThat(LogFixture.records(log, log.logStartOffset()))
        .as(when)
        .isEqualTo(expected(log.logStartOffset(), end));
    // An epoch may have been recorded whose first batch is gone.
    assertThat(log.lastEpoch())
        .as(when)
        .isBetween(end == 0 ? -1 : (int) (end - 1) / 15, (int) end / 15);
    log.appendAsLeader(Batches.produced(5, 0, (int) end, "v" + end + "x".repeat(60)), 5);

    directory.closeCleanly(8);
    LogDirectory again = open(storage);
    assertThat(again.cleanShutdownEpoch()).hasValue(8);
    PartitionLog reopened = again.openOrCreate(KEPT, KEPT_ID, LogFixture.SMALL);
    assertThat(reopened.recovery().clean()).as(when).isTrue();
    assertThat(LogFixture.records(reopened, reopened.logStartOffset()))
        .as(when)
        .isEqualTo(expected(reopened.logStartOffset(), end + 1));
    again.close();
    return told.closed;
  }
}
