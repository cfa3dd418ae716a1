package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.checkpoint.ResetIntention;
import io.highwater.log.compact.CleanerBuffers;
import io.highwater.log.compact.CompactionConfig;
import io.highwater.log.compact.CompactionReport;
import io.highwater.log.compact.IoThrottle;
import io.highwater.log.index.AbortedTransaction;
import io.highwater.log.io.SimStorage;
import io.highwater.log.read.ReadResult;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.verify.DirectoryVerifier;
import io.highwater.log.verify.Problem;
import io.highwater.log.verify.Verification;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table of damage: each kind of it on each kind of file, after a clean stop and after a crash.
 * Never is a wrong byte served; what is derived is made anew; what is damaged below the recovery
 * point is named, and never cut away (REC-3, STO-5, STO-9, STO-10).
 */
class DamageTest {
  private static final Path ROOT = Path.of("/data");
  private static final Path LOG = ROOT.resolve("t-0");
  private static final TopicPartition T0 = new TopicPartition("t", 0);
  private static final TopicPartition T1 = new TopicPartition("t", 1);
  private static final TopicPartition COMPACTED = new TopicPartition("c", 0);
  private static final TopicPartition RESET = new TopicPartition("r", 0);
  private static final Path RESET_TO = ROOT.resolve("r-0/reset-to");
  private static final LogConfig COMPACT =
      LogFixture.SMALL.withCompaction(new CompactionConfig(true, 0, 0, Long.MAX_VALUE, 100_000));
  private static final UUID ID = new UUID(1, 2);
  private static final long START = 5;
  private static final long BROKER_EPOCH = 7;
  private static final long RESET_OFFSET = 123_456;
  private static final int BLOCK = 64;

  /** What happens to a file. */
  enum Damage {
    FLIP,
    CUT,
    ZERO_A_BLOCK,
    SWAP_TWO_BLOCKS,
    DELETE,
    DUPLICATE,
    RESTORE_AN_OLDER_COPY
  }

  /** Which file it happens to. */
  enum Kind {
    SEALED_LOG,
    ACTIVE_LOG,
    OFFSET_INDEX,
    TIME_INDEX,
    TRANSACTION_INDEX,
    SNAPSHOT,
    SNAPSHOT_SIDECAR,
    SEGMENT_MANIFEST,
    LOG_MANIFEST,
    EPOCHS,
    PARTITION_METADATA,
    OFFSET_CHECKPOINT,
    CLEANER_CHECKPOINT,
    RESET_INTENTION,
    CHECKSUM_SIDECAR,
    META_PROPERTIES,
    CLEAN_SHUTDOWN;

    static Kind of(Path file, Path active) {
      String name = file.getFileName().toString();
      if (file.equals(active)) {
        return ACTIVE_LOG;
      }
      if (name.equals("segments.manifest")) {
        return LOG_MANIFEST;
      }
      int dot = name.lastIndexOf('.');
      return switch (dot < 0 ? "" : name.substring(dot)) {
        case ".log" -> SEALED_LOG;
        case ".index" -> OFFSET_INDEX;
        case ".timeindex" -> TIME_INDEX;
        case ".txnindex" -> TRANSACTION_INDEX;
        case ".snapshot" -> SNAPSHOT;
        case ".snapshot-recent" -> SNAPSHOT_SIDECAR;
        case ".manifest" -> SEGMENT_MANIFEST;
        case ".metadata" -> PARTITION_METADATA;
        case ".crc" -> CHECKSUM_SIDECAR;
        case ".properties" -> META_PROPERTIES;
        case ".kafka_cleanshutdown" -> CLEAN_SHUTDOWN;
        default ->
            switch (name) {
              case "leader-epoch-checkpoint" -> EPOCHS;
              case "cleaner-offset-checkpoint" -> CLEANER_CHECKPOINT;
              case "reset-to" -> RESET_INTENTION;
              default -> OFFSET_CHECKPOINT;
            };
      };
    }

    /** Cannot be made from anything else. */
    boolean isData() {
      return this == SEALED_LOG || this == ACTIVE_LOG;
    }

    /** Says whose data it is: without it nothing opens. */
    boolean isIdentity() {
      return this == META_PROPERTIES || this == PARTITION_METADATA;
    }
  }

  /** A data directory and what is true of it. */
  private static final class Truth {
    private final SimStorage storage = new SimStorage();
    private final boolean clean;
    private final SimStorage older;
    private final Map<Long, String> records = new LinkedHashMap<>();
    private final EpochHistory epochs;
    private final String producers;
    private final List<AbortedTransaction> aborted;
    private final List<String> compacted;
    private final long end;
    private final long flushed;
    private final Path active;
    private int sequence;
    private int transactions;

    Truth(boolean clean) {
      this.clean = clean;
      LogDirectory directory = opened(storage);
      directory.joinCluster("cluster");
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
          List.of(
              Batches.transactional(8, 0, transactions++, "t"), Batches.marker(8, 0, true, 1))) {
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
        ResetIntention.write(storage, RESET_TO.getParent(), RESET_OFFSET);
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

    List<Path> files(Kind kind) {
      return files().stream()
          .filter(file -> Kind.of(file, active) == kind)
          .filter(file -> kind == Kind.RESET_INTENTION || !file.startsWith(RESET_TO.getParent()))
          .toList();
    }
  }

  private static Optional<CompactionReport> clean(PartitionLog log) {
    CleanerBuffers buffers = new CleanerBuffers(1 << 16, 0.9, 1000, new Random(1), IoThrottle.NONE);
    return log.compaction().run(log.compaction().liveBatches(), buffers);
  }

  private static final Map<Boolean, Truth> TRUTHS =
      Map.of(true, new Truth(true), false, new Truth(false));

  private static LogDirectory opened(SimStorage storage) {
    return LogDirectory.open(ROOT, storage, () -> 1_000_000, 1, () -> new UUID(9, 9));
  }

  static Stream<Arguments> table() {
    return Stream.of(true, false)
        .flatMap(
            clean ->
                Stream.of(Kind.values())
                    .filter(kind -> clean || kind != Kind.CLEAN_SHUTDOWN)
                    .flatMap(
                        kind ->
                            Stream.of(Damage.values())
                                .map(damage -> Arguments.of(clean, kind, damage))));
  }

  @ParameterizedTest(name = "clean stop: {0}, {1}: {2}")
  @MethodSource("table")
  void damageIsNamedOrMadeGood(boolean clean, Kind kind, Damage damage) throws Exception {
    Truth truth = TRUTHS.get(clean);
    List<Path> files = truth.files(kind);
    assertThat(files).isNotEmpty();
    for (Path file : files) {
      for (Map<Path, byte[]> change : changes(truth, file, damage)) {
        SimStorage damaged = truth.storage.copy();
        for (Map.Entry<Path, byte[]> one : change.entrySet()) {
          if (one.getValue() == null) {
            damaged.deleteIfExists(one.getKey());
          } else {
            damaged.replace(one.getKey(), one.getValue());
          }
        }
        verifierNames(truth, damaged, kind, damage, change);
        logIsSoundOrNamesTheDamage(truth, damaged, kind, change.keySet().iterator().next());
        compactedIsSound(truth, damaged, kind);
        resetIsDoneOrNamed(damaged, kind, damage);
      }
    }
  }

  private static List<Map<Path, byte[]>> changes(Truth truth, Path file, Damage damage)
      throws IOException {
    byte[] sound = truth.storage.content(file);
    List<Map<Path, byte[]>> changes = new ArrayList<>();
    switch (damage) {
      case FLIP -> {
        for (int at = 0; at < sound.length; at += Math.max(1, sound.length / 24)) {
          byte[] flipped = sound.clone();
          flipped[at] ^= (byte) (1 << (at % 7));
          changes.add(Map.of(file, flipped));
        }
      }
      case CUT -> {
        changes.add(Map.of(file, Arrays.copyOf(sound, sound.length / 2)));
        changes.add(Map.of(file, Arrays.copyOf(sound, Math.max(0, sound.length - 1))));
        changes.add(Map.of(file, new byte[0]));
        if (file.toString().endsWith(".log")) {
          int first = BatchesInFile.sizeAt(sound, 0);
          changes.add(Map.of(file, Arrays.copyOf(sound, first)));
          changes.add(Map.of(file, Arrays.copyOf(sound, BatchesInFile.lastStart(sound))));
        }
      }
      case ZERO_A_BLOCK -> {
        for (int at = 0; at < sound.length; at += Math.max(BLOCK, sound.length / 8)) {
          byte[] zeroed = sound.clone();
          Arrays.fill(zeroed, at, Math.min(sound.length, at + BLOCK), (byte) 0);
          changes.add(Map.of(file, zeroed));
        }
      }
      case SWAP_TWO_BLOCKS -> {
        int block = Math.min(BLOCK, sound.length / 3);
        int other = sound.length - block;
        byte[] swapped = sound.clone();
        System.arraycopy(sound, 0, swapped, other, block);
        System.arraycopy(sound, other, swapped, 0, block);
        changes.add(Map.of(file, swapped));
      }
      case DELETE -> {
        Map<Path, byte[]> gone = new LinkedHashMap<>();
        gone.put(file, null);
        changes.add(gone);
      }
      case DUPLICATE -> {
        String name = file.getFileName().toString();
        int dot = name.indexOf('.');
        if (dot == 20) {
          long base = Long.parseLong(name.substring(0, dot));
          changes.add(Map.of(SegmentFiles.path(LOG, base + 1, name.substring(dot)), sound));
        } else {
          changes.add(Map.of(file, twice(sound)));
        }
      }
      case RESTORE_AN_OLDER_COPY -> {
        Path sidecar = file.resolveSibling(file.getFileName() + ".crc");
        if (truth.older.exists(file)) {
          changes.add(Map.of(file, truth.older.content(file)));
          if (truth.older.exists(sidecar)) {
            Map<Path, byte[]> both = new LinkedHashMap<>();
            both.put(file, truth.older.content(file));
            both.put(sidecar, truth.older.content(sidecar));
            changes.add(both);
          }
        }
      }
    }
    changes.removeIf(
        change ->
            change.size() == 1
                && change.containsKey(file)
                && Arrays.equals(change.get(file), sound));
    return changes;
  }

  private static byte[] twice(byte[] content) {
    byte[] twice = Arrays.copyOf(content, 2 * content.length);
    System.arraycopy(content, 0, twice, content.length, content.length);
    return twice;
  }

  /** Where nothing else would tell, the file is named before anybody asks for its bytes. */
  private static void verifierNames(
      Truth truth, SimStorage damaged, Kind kind, Damage damage, Map<Path, byte[]> change)
      throws IOException {
    boolean plain = damage == Damage.FLIP || damage == Damage.ZERO_A_BLOCK || damage == Damage.CUT;
    if (kind == Kind.CLEAN_SHUTDOWN
        || kind == Kind.CHECKSUM_SIDECAR // Half of it is of the content before.
        || (kind == Kind.ACTIVE_LOG && !truth.clean)) {
      return;
    }
    if (kind != Kind.SEALED_LOG && (!plain || kind == Kind.PARTITION_METADATA)) {
      return;
    }
    List<Problem> heard = new ArrayList<>();
    Verification found = new DirectoryVerifier(damaged, heard::add).verify(ROOT);
    assertThat(found.problems()).as("%s", change.keySet()).isNotEmpty().isEqualTo(heard);
  }

  private static void logIsSoundOrNamesTheDamage(
      Truth truth, SimStorage damaged, Kind kind, Path file) {
    PartitionLog log;
    LogDirectory directory = null;
    boolean named = false;
    try {
      directory = opened(damaged);
      // CTL-5: by another id it would be another topic's, and set aside.
      assertThat(directory.partitions().get(T0)).isIn(Optional.of(ID), Optional.empty());
      assertThat(LogFixture.records(directory.openOrCreate(T1, ID, LogFixture.SMALL), 0))
          .containsExactly("0:x");
      log = directory.openOrCreate(T0, ID, LogFixture.SMALL);
    } catch (HighwaterException e) {
      assertThat(kind.isData() || kind.isIdentity()).as("%s: %s", file, e).isTrue();
      assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
      assertThat(e).hasMessageContaining(kind.isData() ? ".log" : "data");
      if (directory != null) {
        assertThat(directory.health().isOffline()).isFalse();
      }
      return;
    }
    assertThat(log.logStartOffset()).as("%s", file).isEqualTo(START);
    assertThat(log.logEndOffset()).as("%s", file).isBetween(truth.flushed, truth.end);
    for (long offset = START; offset < log.logEndOffset(); offset++) {
      try {
        assertThat(at(log, offset)).as("%s", file).isEqualTo(truth.records.get(offset));
      } catch (HighwaterException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
        assertThat(e).hasMessageContaining("position");
        assertThat(log.damage()).isPresent();
        named = true;
      }
    }
    // What was not flushed only has to be a sound prefix, and only a leader knows its epochs.
    boolean unflushed = kind == Kind.ACTIVE_LOG && !truth.clean;
    if (!unflushed) {
      assertThat(log.epochs()).as("%s", file).isEqualTo(truth.epochs);
    }
    if (kind.isData()) {
      // Below the log start nobody reads; the verifier named it.
      boolean belowStart = SegmentFiles.path(LOG, 0, ".log").equals(file);
      // A second name past the end takes nothing away, and goes.
      boolean atTheEnd = log.logEndOffset() == truth.end && log.recovery().problem() != null;
      assertThat(named || unflushed || belowStart || atTheEnd)
          .as("%s %s", file, log.recovery())
          .isTrue();
    } else {
      assertThat(named).as("%s", file).isFalse();
      assertThat(log.logEndOffset()).isEqualTo(truth.end);
      assertThat(log.producers().all()).as("%s", file).hasToString(truth.producers);
      assertThat(log.abortedTransactions(START, truth.end)).isEqualTo(truth.aborted);
    }
    if (kind == Kind.CLEAN_SHUTDOWN) {
      assertThat(directory.cleanShutdownEpoch().orElse(-1)).isNotEqualTo(BROKER_EPOCH);
    }
  }

  /** Where cleaning got to costs another cleaning at most. */
  private static void compactedIsSound(Truth truth, SimStorage damaged, Kind kind) {
    if (kind == Kind.CLEANER_CHECKPOINT) {
      PartitionLog log = opened(damaged.copy()).openOrCreate(COMPACTED, ID, COMPACT);
      assertThat(LogFixture.records(log, 0)).isEqualTo(truth.compacted);
      Optional<CompactionReport> unused = clean(log);
      assertThat(LogFixture.records(log, 0)).isEqualTo(truth.compacted);
      assertThat(log.damage()).isEmpty();
    }
  }

  /** REC-6. Without the file the log is what it was, and will be told again. */
  private static void resetIsDoneOrNamed(SimStorage damaged, Kind kind, Damage damage) {
    if (kind != Kind.RESET_INTENTION) {
      return;
    }
    LogDirectory directory = opened(damaged.copy());
    if (damage == Damage.DELETE) {
      assertThat(LogFixture.records(directory.openOrCreate(RESET, ID, LogFixture.SMALL), 0))
          .containsExactly("0:y");
      return;
    }
    assertThatThrownBy(() -> directory.openOrCreate(RESET, ID, LogFixture.SMALL))
        .isInstanceOf(HighwaterException.class)
        .hasMessageContaining("damaged reset-to file");
    assertThat(directory.health().isOffline()).isFalse();
  }

  @Test
  void aSoundIntentionIsCarriedOut() {
    PartitionLog log =
        opened(TRUTHS.get(true).storage.copy()).openOrCreate(RESET, ID, LogFixture.SMALL);
    assertThat(log.logStartOffset()).isEqualTo(RESET_OFFSET);
    assertThat(log.logEndOffset()).isEqualTo(RESET_OFFSET);
  }

  private static String at(PartitionLog log, long offset) {
    ByteBuffer into = ByteBuffer.allocate(2048);
    ReadResult result = log.read(offset, Long.MAX_VALUE, into);
    assertThat(result.isEmpty()).isFalse();
    return LogFixture.decode(into.flip()).stream()
        .filter(record -> record.startsWith(offset + ":"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void nothingIsFoundInASoundDirectory() throws Exception {
    for (Truth truth : TRUTHS.values()) {
      SimStorage sound = truth.storage.copy();
      Verification found = new DirectoryVerifier(sound, problem -> {}).verify(ROOT);
      assertThat(found.problems()).isEmpty();
      assertThat(found.partitions()).isEqualTo(4);
      assertThat(found.batches()).isGreaterThan(105);
      assertThat(new DirectoryVerifier(sound, problem -> {}).verify(LOG).batches()).isEqualTo(103);
      assertThat(sound.operations()).isZero();
    }
    assertThatThrownBy(
            () ->
                new DirectoryVerifier(TRUTHS.get(true).storage, problem -> {})
                    .verify(ROOT.getParent()))
        .hasMessageContaining("no data directory");
  }

  /** Where batches lie in the bytes of a log file. */
  private static final class BatchesInFile {
    static int sizeAt(byte[] log, int start) {
      return 12 + ByteBuffer.wrap(log).getInt(start + 8);
    }

    static int lastStart(byte[] log) {
      int start = 0;
      while (start + sizeAt(log, start) < log.length) {
        start += sizeAt(log, start);
      }
      return start;
    }
  }
}
