package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.checkpoint.ResetIntention;
import io.highwater.log.compact.CleanerBuffers;
import io.highwater.log.compact.CompactionConfig;
import io.highwater.log.compact.CompactionReport;
import io.highwater.log.compact.IoThrottle;
import io.highwater.log.index.AbortedTransaction;
import io.highwater.log.io.SimStorage;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;

/** A data directory and what is true of it. */
final class SoundDirectory {
  static final Path ROOT = Path.of("/data");
  static final Path LOG = ROOT.resolve("t-0");
  static final TopicPartition T0 = new TopicPartition("t", 0);
  static final TopicPartition T1 = new TopicPartition("t", 1);
  static final TopicPartition COMPACTED = new TopicPartition("c", 0);
  static final TopicPartition RESET = new TopicPartition("r", 0);
  static final Path RESET_TO = ROOT.resolve("r-0/reset-to");
  static final LogConfig COMPACT =
      LogFixture.SMALL.withCompaction(new CompactionConfig(true, 0, 0, Long.MAX_VALUE, 100_000));
  static final UUID ID = new UUID(1, 2);
  static final long START = 5;
  static final long BROKER_EPOCH = 7;
  static final long RESET_OFFSET = 123_456;

  final SimStorage storage = new SimStorage();
  final boolean clean;
  final SimStorage older;
  final Map<Long, String> records = new LinkedHashMap<>();
  final EpochHistory epochs;
  final String producers;
  final List<AbortedTransaction> aborted;
  final List<String> compacted;
  final long end;
  final long flushed;
  final Path active;
  private int sequence;
  private int transactions;

  SoundDirectory(boolean clean) {
    this.clean = clean;
    LogDirectory directory = opened(storage);
    directory.joinCluster("cluster");
    if (clean) { // Else it says that the process was only killed: see MissingManifestTest.
      directory.registered(BROKER_EPOCH);
    }
    directory.openOrCreate(T1, ID, LogFixture.SMALL).appendAsLeader(Batches.of(1, "x"), 0);
    PartitionLog log = directory.openOrCreate(T0, ID, LogFixture.SMALL);
    append(log, 10);
    abort(log);
    append(log, 28);
    log.advanceHighWatermark(30);
    log.advanceLogStart(2);
    PartitionLog cleaned = directory.openOrCreate(COMPACTED, ID, COMPACT);
    compact(cleaned);
    directory.checkpoint();
    older = storage.copy();
    append(log, 58);
    abort(log);
    log.advanceHighWatermark(100);
    compact(cleaned);
    log.advanceLogStart(START);
    directory.checkpoint();
    append(log, 3);
    epochs = log.epochs();
    producers = log.producers().all().toString();
    aborted = log.abortedTransactions(START, log.logEndOffset());
    assertThat(aborted).hasSize(2);
    compacted = LogFixture.records(cleaned, 0);
    directory.openOrCreate(RESET, ID, LogFixture.SMALL).appendAsLeader(Batches.of(1, "y"), 0);
    end = log.logEndOffset();
    for (String record : LogFixture.records(log, START)) {
      records.put(Long.parseLong(record.substring(0, record.indexOf(':'))), record);
    }
    if (clean) {
      directory.closeCleanly(BROKER_EPOCH);
      flushed = end;
    } else {
      flushed = log.flushedOffset();
    }
    storage.killProcess();
    intendReset();
    active =
        files().stream()
            .filter(f -> f.toString().endsWith(".log") && f.startsWith(LOG))
            .reduce((a, b) -> b)
            .orElseThrow();
  }

  private void append(PartitionLog log, int count) {
    for (int i = 0; i < count; i++) {
      int next = (int) log.logEndOffset();
      log.appendAsLeader(Batches.produced(5, 0, sequence++, "v" + next), next / 30);
    }
  }

  private void abort(PartitionLog log) {
    for (ByteBuffer batch :
        List.of(Batches.transactional(8, 0, transactions++, "t"), Batches.marker(8, 0, true, 1))) {
      long end = log.logEndOffset();
      int epoch = (int) end / 30;
      log.appendAsFollower(Batches.stamped(batch, end, epoch), end, epoch);
    }
  }

  private static void compact(PartitionLog log) {
    for (int i = 0; i < 60; i++) {
      log.appendAsLeader(Batches.of(1, "z".repeat(i % 7)), 0);
    }
    log.advanceHighWatermark(log.logEndOffset());
    assertThat(clean(log)).isPresent();
  }

  /** As a crash leaves it that came right after. */
  private void intendReset() {
    try {
      TopicIdPartition owner = new TopicIdPartition(ID, RESET.partition());
      ResetIntention.write(storage, RESET_TO.getParent(), owner, RESET_OFFSET);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  List<Path> files() {
    List<Path> found = new ArrayList<>();
    try {
      for (Path directory : List.of(ROOT, LOG, RESET_TO.getParent())) {
        for (String name : storage.list(directory)) {
          if (!storage.isDirectory(directory.resolve(name))) {
            found.add(directory.resolve(name));
          }
        }
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return found;
  }

  List<Path> files(FileKind kind) {
    return files().stream()
        .filter(file -> FileKind.of(file, active) == kind)
        .filter(file -> kind == FileKind.RESET_INTENTION || !file.startsWith(RESET_TO.getParent()))
        .toList();
  }

  static LogDirectory opened(SimStorage storage) {
    return LogDirectory.open(ROOT, storage, () -> 1_000_000, 1, () -> new UUID(9, 9));
  }

  static Optional<CompactionReport> clean(PartitionLog log) {
    CleanerBuffers buffers = new CleanerBuffers(1 << 16, 0.9, 1000, new Random(1), IoThrottle.NONE);
    return log.compaction().run(log.compaction().liveBatches(), buffers);
  }
}
