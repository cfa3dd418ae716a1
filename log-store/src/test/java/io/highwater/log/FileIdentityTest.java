package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.checkpoint.PartitionMetadata;
import io.highwater.log.io.SimStorage;
import io.highwater.log.verify.DirectoryVerifier;
import io.highwater.log.verify.Problem;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * STO-11: what belongs to another partition, directory or time is never served, whichever files
 * were exchanged, after a clean stop and after a crash.
 */
class FileIdentityTest {
  private static final Path ROOT = Path.of("/data");
  private static final UUID TOPIC = new UUID(1, 2);
  private static final UUID OTHER_TOPIC = new UUID(3, 4);
  private static final TopicPartition T0 = new TopicPartition("t", 0);
  private static final TopicPartition T1 = new TopicPartition("t", 1);
  private static final TopicPartition U0 = new TopicPartition("u", 0);
  private static final long BROKER_EPOCH = 5;

  /** By as many bytes more each log's records are longer than the one's before. */
  private static final int PADDING = 40;

  private enum Stop {
    CLEAN,
    KILLED,
    KILLED_BEFORE_A_FLUSH,
    UNKNOWN
  }

  /** Which files of two partitions change places. */
  private enum What {
    LOGS(".log"),
    LOGS_AND_INDEXES(".log|.index|.timeindex"),
    SEGMENTS(".log|.index|.timeindex|.manifest"),
    SEGMENTS_AND_SNAPSHOTS(".log|.index|.timeindex|.manifest|.snapshot|.snapshot-recent"),
    ALL_BUT_METADATA(
        ".log|.index|.timeindex|.manifest|.snapshot|.snapshot-recent|leader-epoch-checkpoint"
            + "|leader-epoch-checkpoint.crc"),
    EVERYTHING(
        ".log|.index|.timeindex|.manifest|.snapshot|.snapshot-recent|leader-epoch-checkpoint"
            + "|leader-epoch-checkpoint.crc|partition.metadata"),
    INDEXES(".index|.timeindex"),
    MANIFESTS(".manifest"),
    INDEXES_AND_MANIFESTS(".index|.timeindex|.manifest"),
    SNAPSHOTS(".snapshot|.snapshot-recent"),
    SNAPSHOTS_WITHOUT_SIDECARS(".snapshot"),
    EPOCHS("leader-epoch-checkpoint|leader-epoch-checkpoint.crc"),
    METADATA("partition.metadata");

    private final String suffixes;

    What(String suffixes) {
      this.suffixes = suffixes;
    }

    boolean includes(Path file) {
      return Stream.of(suffixes.split("\\|", -1)).anyMatch(file.getFileName().toString()::endsWith);
    }

    boolean isLog() {
      return includes(Path.of("0.log"));
    }
  }

  private SimStorage storage = new SimStorage();
  private final Map<TopicPartition, List<String>> truth = new LinkedHashMap<>();
  private final Map<TopicPartition, String> producers = new LinkedHashMap<>();
  private final Map<TopicPartition, EpochHistory> epochs = new LinkedHashMap<>();

  static Stream<Arguments> table() {
    List<Arguments> table = new ArrayList<>();
    for (Stop stop : Stop.values()) {
      for (int count : List.of(3, 40)) {
        for (int more : List.of(0, 7)) {
          for (TopicPartition other : List.of(T1, U0)) {
            for (What what : What.values()) {
              table.add(Arguments.of(stop, count, more, other, what));
            }
          }
        }
      }
    }
    return table.stream();
  }

  private static UUID idOf(TopicPartition partition) {
    return partition.topic().equals("t") ? TOPIC : OTHER_TOPIC;
  }

  private static LogDirectory opened(SimStorage storage) {
    return LogDirectory.open(ROOT, storage, () -> 1_000_000, 1, () -> new UUID(9, 9));
  }

  private static PartitionLog log(LogDirectory directory, TopicPartition partition) {
    return directory.openOrCreate(partition, idOf(partition), LogFixture.SMALL);
  }

  private void append(PartitionLog log, long producerId, int count) {
    String padding = "x".repeat((int) (producerId - 5) * PADDING);
    for (int i = 0; i < count; i++) {
      int next = (int) log.logEndOffset();
      String value = log.partition() + "=" + (100 + next) + padding;
      log.appendAsLeader(Batches.produced(producerId, 0, next, value), next / 16);
    }
    log.advanceHighWatermark(log.logEndOffset());
  }

  /** Three logs, the second and third with a few records more. */
  private void fill(int count, int more, boolean clean) {
    fill(count, more, clean ? Stop.CLEAN : Stop.UNKNOWN);
  }

  private void fill(int count, int more, Stop stop) {
    LogDirectory directory = opened(storage);
    if (stop != Stop.UNKNOWN) {
      directory.registered(BROKER_EPOCH);
    }
    long producerId = 5;
    for (TopicPartition partition : List.of(T0, T1, U0)) {
      PartitionLog log = log(directory, partition);
      append(log, producerId++, partition.equals(T0) ? count : count + more);
    }
    if (stop != Stop.KILLED_BEFORE_A_FLUSH) {
      directory.checkpoint();
    }
    remember(directory);
    if (stop == Stop.CLEAN) {
      directory.closeCleanly(BROKER_EPOCH);
    }
    storage.killProcess();
  }

  private void remember(LogDirectory directory) {
    for (TopicPartition partition : List.of(T0, T1, U0)) {
      PartitionLog log = log(directory, partition);
      truth.put(partition, LogFixture.records(log, 0));
      producers.put(partition, log.producers().all().toString());
      epochs.put(partition, log.epochs());
    }
  }

  private void exchange(TopicPartition one, TopicPartition other, Predicate<Path> which) {
    exchange(ROOT.resolve(one.toString()), ROOT.resolve(other.toString()), which);
  }

  private void exchange(Path one, Path other, Predicate<Path> which) {
    Map<Path, byte[]> moved = new LinkedHashMap<>();
    for (Path directory : List.of(one, other)) {
      Path target = directory.equals(one) ? other : one;
      for (Path file : storage.files(path -> directory.equals(path.getParent()))) {
        if (which.test(file)) {
          moved.put(target.resolve(file.getFileName()), storage.content(file));
          deleteFile(file);
        }
      }
    }
    moved.forEach(storage::replace);
  }

  private void deleteFile(Path file) {
    try {
      storage.deleteIfExists(file);
      storage.syncDirectory(file.getParent());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Problem> verified() throws IOException {
    return new DirectoryVerifier(storage, true, problem -> {}).verify(ROOT).problems();
  }

  @ParameterizedTest(name = "{0}, {1} records, {2} more in the other: {4} of t-0 and {3}")
  @MethodSource("table")
  void exchangedFilesAreRefusedByNameOrChangeNothing(
      Stop stop, int count, int more, TopicPartition other, What what) throws Exception {
    fill(count, more, stop);
    assertThat(verified()).isEmpty();
    exchange(T0, other, what::includes);
    List<Problem> problems = verified();
    Map<Path, Integer> logs = logFiles();

    LogDirectory directory = opened(storage);
    int refused = 0;
    for (TopicPartition partition : List.of(T0, other)) {
      try {
        PartitionLog log = log(directory, partition);
        assertThat(LogFixture.records(log, 0)).as("%s", partition).isEqualTo(truth.get(partition));
        assertThat(log.producers().all()).hasToString(producers.get(partition));
        assertThat(log.epochs()).isEqualTo(epochs.get(partition));
      } catch (HighwaterException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
        assertThat(e).hasMessageContaining(partition.toString());
        refused++;
      }
    }
    if (what.isLog()) {
      assertThat(refused).isEqualTo(2);
      assertThat(logFiles()).as("nothing of either is cut").isEqualTo(logs);
      directory.setDamagedAside(T0, TOPIC);
      directory.setDamagedAside(other, idOf(other));
      assertThat(directory.damagedAside()).as("what was found there stays").isEmpty();
    }
    if (refused > 0) {
      assertThat(problems).isNotEmpty();
      assertThat(problems.toString()).contains("t-0").contains(other.toString());
    }
    assertThat(directory.health().isOffline()).isFalse();
    assertThat(LogFixture.records(log(directory, other.equals(T1) ? U0 : T1), 0))
        .hasSize(count + more);
  }

  @Test
  void anEmptyLogWithAnothersFileIsRefusedAfterACleanStop() throws Exception {
    fill(0, 7, true);
    assertThat(verified()).isEmpty();
    exchange(T0, T1, What.LOGS::includes);
    assertThat(verified().toString()).contains("t-0/", "t-1");
    Map<Path, Integer> logs = logFiles();

    assertThatThrownBy(() -> log(opened(storage), T0))
        .isInstanceOf(ForeignLogException.class)
        .hasMessageContainingAll("t-0/", "t-1");
    assertThat(logFiles()).isEqualTo(logs);
  }

  /** It may be what a power loss left, which is nothing to wait for an operator for. */
  @ParameterizedTest(name = "opened again: {0}")
  @ValueSource(booleans = {false, true})
  void anothersFileInAnEmptyLogIsSetAsideAfterACrash(boolean again) throws Exception {
    fill(0, 7, false);
    if (again) {
      remember(opened(storage));
      storage.killProcess();
    }
    assertThat(verified()).isEmpty();
    exchange(T0, T1, What.LOGS::includes);
    assertThat(verified().toString()).contains("t-0/", "t-1");
    Path found = ROOT.resolve("t-0").resolve("00000000000000000000.log");
    byte[] others = storage.content(found);

    PartitionLog log = log(opened(storage), T0);
    assertThat(log.logEndOffset()).isZero();
    assertThat(storage.content(found.resolveSibling(found.getFileName() + ".stray")))
        .isEqualTo(others);
    append(log, 5, 3);
    storage.killProcess();
    assertThat(log(opened(storage), T0).logEndOffset()).isEqualTo(3);
  }

  private Map<Path, Integer> logFiles() {
    Map<Path, Integer> logs = new LinkedHashMap<>();
    for (Path file : storage.files(path -> path.toString().endsWith(".log"))) {
      logs.put(file, Arrays.hashCode(storage.content(file)));
    }
    return logs;
  }

  // ---- The same partition, of another time or place

  private void restore(SimStorage older, Predicate<Path> which) {
    for (Path file : storage.files(which)) {
      deleteFile(file);
    }
    older.files(which).forEach(file -> storage.replace(file, older.content(file)));
  }

  /** A copy of when t-0 had 20 records, after another clean stop or a kill. */
  private SimStorage olderCopy(boolean clean) {
    fill(20, 0, clean);
    SimStorage older = storage.copy();
    LogDirectory directory = opened(storage);
    append(log(directory, T0), 5, 15);
    log(directory, T1);
    log(directory, U0);
    remember(directory);
    if (clean) {
      directory.closeCleanly(BROKER_EPOCH + 1);
    }
    storage.killProcess();
    return older;
  }

  @Test
  void anOlderCopyIsNotWhatWasStoppedCleanly() {
    for (String which : List.of(".log", "t-0/")) {
      storage = new SimStorage();
      SimStorage older = olderCopy(true);
      restore(older, path -> path.toString().contains("t-0/") && path.toString().contains(which));

      assertThatThrownBy(() -> log(opened(storage), T0))
          .isInstanceOf(HighwaterException.class)
          .hasMessageContainingAll("t-0", ".log");
    }
  }

  /** Like a replica that slept: it is not in sync after a kill, and its leader knows the rest. */
  @Test
  void anOlderCopyAfterAKillIsAPrefixOfTheLog() {
    SimStorage older = olderCopy(false);
    restore(older, path -> path.toString().contains("t-0/"));

    List<String> found = LogFixture.records(log(opened(storage), T0), 0);
    assertThat(found).isNotEmpty().isEqualTo(truth.get(T0).subList(0, found.size()));
  }

  @Test
  void aLogThatIsLongerThanAtItsCleanStopIsRefused() {
    SimStorage older = olderCopy(true);
    SimStorage newer = storage;
    storage = older;
    restore(newer, path -> path.toString().contains("t-0/"));

    assertThatThrownBy(() -> log(opened(storage), T0)).isInstanceOf(ForeignLogException.class);
  }

  @Test
  void theCheckpointsOfAnotherDirectoryCountForNothing() throws Exception {
    fill(30, 0, true);
    SimStorage others = new SimStorage();
    LogDirectory other = LogDirectory.open(ROOT, others, () -> 1_000_000, 1, () -> new UUID(9, 10));
    PartitionLog longer = log(other, T0);
    append(longer, 5, 60);
    longer.advanceLogStart(50);
    other.closeCleanly(BROKER_EPOCH);
    others.killProcess();
    restore(
        others,
        path ->
            ROOT.equals(path.getParent())
                && (path.toString().contains("checkpoint") || path.toString().contains("clean")));
    assertThat(verified()).isNotEmpty();

    LogDirectory directory = opened(storage);
    assertThat(directory.cleanShutdownEpoch()).isEmpty();
    PartitionLog log = log(directory, T0);
    assertThat(LogFixture.records(log, 0)).isEqualTo(truth.get(T0));
    assertThat(log.highWatermark()).isZero();
  }

  @Test
  void aPartitionOfAnotherBrokerOrDiskIsRefusedAndKept() throws Exception {
    fill(30, 0, true);
    SimStorage others = new SimStorage();
    LogDirectory other = LogDirectory.open(ROOT, others, () -> 1_000_000, 1, () -> new UUID(9, 10));
    append(log(other, T0), 5, 30);
    other.closeCleanly(BROKER_EPOCH);
    others.killProcess();
    restore(others, path -> path.toString().contains("t-0/"));

    LogDirectory directory = opened(storage);
    assertThatThrownBy(() -> log(directory, T0))
        .isInstanceOf(ForeignLogException.class)
        .hasMessageContainingAll(
            "/data/t-0", new UUID(9, 9).toString(), new UUID(9, 10).toString());
    assertThat(verified().toString())
        .contains("t-0/partition.metadata", new UUID(9, 10).toString());
    directory.setDamagedAside(T0, TOPIC);
    assertThat(directory.damagedAside()).isEmpty();
    assertThat(storage.list(ROOT))
        .anyMatch(name -> name.startsWith("t-0.") && name.endsWith("-stray"));
    assertThat(log(directory, T0).logEndOffset()).isZero();
  }

  @Test
  void anotherPartitionsLogIsKeptUnderItsOwnName() throws Exception {
    fill(30, 0, false);
    exchange(T0, T1, What.EVERYTHING::includes);
    LogDirectory directory = opened(storage);

    assertThatThrownBy(() -> log(directory, T0))
        .isInstanceOf(ForeignLogException.class)
        .hasMessageContainingAll("/data/t-0", "for t-1", "for t-0");
    directory.setDamagedAside(T0, TOPIC);
    assertThat(storage.list(ROOT))
        .anyMatch(name -> name.startsWith("t-1.") && name.endsWith("-stray"));
    directory.setDamagedAside(T1, TOPIC); // Of which nobody tried to open anything.
    assertThat(storage.list(ROOT))
        .anyMatch(name -> name.startsWith("t-0.") && name.endsWith("-stray"));
  }

  @Test
  void filesOfVersionsThatDidNotSayWhoseTheyAreAreReadAndCompleted() throws Exception {
    fill(40, 0, true);
    Path metadata = ROOT.resolve("t-0/partition.metadata");
    new PartitionMetadata(TOPIC, Optional.empty(), Optional.empty(), false)
        .write(storage, metadata.getParent());
    storage.killProcess();
    assertThat(new String(storage.content(metadata), StandardCharsets.UTF_8)).doesNotContain("t-0");

    assertThat(LogFixture.records(log(opened(storage), T0), 0)).isEqualTo(truth.get(T0));
    assertThat(new String(storage.content(metadata), StandardCharsets.UTF_8))
        .contains("partition: t-0\n");
  }
}
