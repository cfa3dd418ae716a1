package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.checkpoint.PartitionMetadata;
import io.highwater.log.io.SimStorage;
import io.highwater.log.verify.DirectoryVerifier;
import io.highwater.log.verify.LogScrub;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * STO-11: batches of which no manifest says whose they are, in a log that always had one. REC-8: a
 * killed process leaves all that it wrote.
 */
class MissingManifestTest {
  private static final Path ROOT = Path.of("/data");
  private static final Path T0_DIRECTORY = ROOT.resolve("t-0");
  private static final Path FIRST_LOG = T0_DIRECTORY.resolve("00000000000000000000.log");
  private static final UUID TOPIC = new UUID(1, 2);
  private static final TopicPartition T0 = new TopicPartition("t", 0);
  private static final TopicPartition T1 = new TopicPartition("t", 1);
  private static final long BROKER_EPOCH = 5;

  private enum Stop {
    CLEAN,
    KILLED,
    POWER_LOST
  }

  private SimStorage storage = new SimStorage();

  private LogDirectory opened() {
    return LogDirectory.open(ROOT, storage, () -> 1_000_000, 1, () -> new UUID(9, 9));
  }

  private static PartitionLog log(LogDirectory directory, TopicPartition partition) {
    return directory.openOrCreate(partition, TOPIC, LogFixture.SMALL);
  }

  private static void append(PartitionLog log, int count) {
    for (int i = 0; i < count; i++) {
      int next = (int) log.logEndOffset();
      log.appendAsLeader(Batches.produced(5, 0, next, log.partition() + "=" + (100 + next)), 0);
    }
  }

  /** Two logs with records, left in some way. */
  private void fill(Stop stop, int count, boolean flush) {
    LogDirectory directory = opened();
    directory.registered(BROKER_EPOCH);
    for (TopicPartition partition : List.of(T0, T1)) {
      PartitionLog log = log(directory, partition);
      append(log, count);
      if (flush) {
        log.flush();
      }
    }
    if (flush) {
      directory.checkpoint();
    }
    switch (stop) {
      case CLEAN -> {
        directory.closeCleanly(BROKER_EPOCH);
        storage.killProcess();
      }
      case KILLED -> storage.killProcess();
      case POWER_LOST -> storage.losePower();
    }
  }

  private void delete(Path file) {
    try {
      storage.deleteIfExists(file);
      storage.syncDirectory(file.getParent());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void deleteManifests() {
    storage
        .files(
            path -> T0_DIRECTORY.equals(path.getParent()) && path.toString().endsWith(".manifest"))
        .forEach(this::delete);
  }

  /** Another partition's files, as a restore may leave them. */
  private void putAnothersLogs() {
    List<Path> logs = storage.files(path -> path.toString().endsWith(".log"));
    logs.stream().filter(path -> path.startsWith(T0_DIRECTORY)).forEach(this::delete);
    for (Path log : logs) {
      if (!log.startsWith(T0_DIRECTORY)) {
        storage.replace(T0_DIRECTORY.resolve(log.getFileName()), storage.content(log));
      }
    }
    deleteManifests();
  }

  private String problems() throws IOException {
    return new DirectoryVerifier(storage, true, problem -> {}).verify(ROOT).problems().toString();
  }

  @ParameterizedTest
  @EnumSource(Stop.class)
  void anothersLogsWithoutAnyManifestAreRefusedAndKept(Stop stop) throws Exception {
    for (int count : List.of(3, 60)) {
      storage = new SimStorage();
      fill(stop, count, true);
      assertThat(problems()).doesNotContain("no 0");
      putAnothersLogs();
      assertThat(problems()).contains(FIRST_LOG.toString(), "no 00000000000000000000.manifest");

      LogDirectory directory = opened();
      assertThatThrownBy(() -> log(directory, T0))
          .isInstanceOf(ForeignLogException.class)
          .hasMessageContainingAll("t-0", FIRST_LOG.toString(), "Put the partition's own files");
      directory.setDamagedAside(T0, TOPIC);
      assertThat(storage.list(ROOT)).anyMatch(name -> name.endsWith("-stray"));
      assertThat(log(directory, T0).logEndOffset()).isZero();
      directory.close();
      storage.killProcess();
    }
  }

  /** Before the first flush a power loss explains it, and nothing was promised to anybody. */
  @Test
  void whatWasNeverFlushedIsSetAsideAfterAPowerLoss() {
    fill(Stop.POWER_LOST, 0, true);
    LogDirectory directory = opened();
    append(log(directory, T0), 3);
    append(log(directory, T1), 60);
    storage.killProcess(); // Nobody wrote down that this process was only killed.
    putAnothersLogs();
    byte[] others = storage.content(FIRST_LOG);

    PartitionLog log = log(opened(), T0);
    assertThat(log.logEndOffset()).isZero();
    assertThat(storage.content(T0_DIRECTORY.resolve(FIRST_LOG.getFileName() + ".stray")))
        .isEqualTo(others);
    append(log, 3);
    log.flush();
    storage.killProcess();
    assertThat(log(opened(), T0).logEndOffset()).isEqualTo(3);
  }

  /** What follows a segment that is nobody's is of no log either. */
  @Test
  void allSegmentsFromTheFirstWithoutAManifestOnAreSetAside() {
    fill(Stop.POWER_LOST, 0, true);
    append(log(opened(), T0), 60);
    storage.killProcess();
    int segments = storage.files(this::isLogOfT0).size();
    assertThat(segments).isGreaterThan(2);
    delete(T0_DIRECTORY.resolve("00000000000000000000.manifest"));

    assertThat(log(opened(), T0).logEndOffset()).isZero();
    assertThat(storage.files(path -> path.toString().endsWith(".log.stray"))).hasSize(segments);
  }

  private boolean isLogOfT0(Path path) {
    return path.startsWith(T0_DIRECTORY) && path.toString().endsWith(".log");
  }

  @Test
  void whatWasNeverFlushedIsRefusedAfterAKill() {
    fill(Stop.KILLED, 3, false);
    putAnothersLogs();
    assertThatThrownBy(() -> log(opened(), T0)).isInstanceOf(ForeignLogException.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aLogOfAnOlderVersionOpensWithoutAnyAndPromisesThemOnceTheyAreThere(boolean clean)
      throws Exception {
    fill(clean ? Stop.CLEAN : Stop.POWER_LOST, 60, true);
    PartitionMetadata.of(TOPIC, T0, new UUID(9, 9)).write(storage, T0_DIRECTORY);
    deleteManifests();
    assertThat(problems()).doesNotContain("no 0");

    LogDirectory directory = opened();
    PartitionLog log = log(directory, T0);
    assertThat(log.logEndOffset()).isEqualTo(60);
    Path metadata = T0_DIRECTORY.resolve(PartitionMetadata.FILE_NAME);
    assertThat(text(metadata)).doesNotContain("segment_manifests");
    append(log, 1);
    log.flush();
    assertThat(problems()).doesNotContain("no 0");
    directory.checkpoint();
    append(log, 60);
    log.flush();
    assertThat(text(metadata)).contains("segment_manifests: all");
    storage.losePower();
    assertThat(log(opened(), T0).logEndOffset()).isEqualTo(121);
    storage.killProcess();
    deleteManifests();
    assertThatThrownBy(() -> log(opened(), T0)).isInstanceOf(ForeignLogException.class);
  }

  private String text(Path file) {
    return new String(storage.content(file), StandardCharsets.UTF_8);
  }

  @Test
  void theScrubFindsThatTheyWereTakenAway() {
    LogDirectory directory = opened();
    PartitionLog log = log(directory, T0);
    append(log, 3);
    scrub(log);
    assertThat(log.damage()).isEmpty();
    deleteManifests();
    scrub(log);
    assertThat(log.damage().orElse("")).contains(FIRST_LOG.toString());
  }

  private static void scrub(PartitionLog log) {
    LogScrub scrub = log.scrub();
    while (scrub.step(1 << 20) >= 0) {
      assertThat(log.damage()).isEmpty();
    }
  }

  // ---- What a killed process leaves

  @Test
  void anActiveSegmentThatWasCutBehindAKilledBrokersBackIsDamaged() {
    for (int keep : List.of(0, 1, 2)) {
      storage = new SimStorage();
      fill(Stop.KILLED, 8, true);
      byte[] whole = storage.content(FIRST_LOG);
      byte[] changed =
          switch (keep) {
            case 0 -> new byte[0];
            case 1 -> Arrays.copyOf(whole, 30);
            default -> {
              byte[] flipped = whole.clone();
              flipped[whole.length - 5] ^= 1;
              yield flipped;
            }
          };
      storage.replace(FIRST_LOG, changed);
      assertThatThrownBy(() -> log(opened(), T0))
          .as("%s", keep)
          .isInstanceOf(HighwaterException.class)
          .hasMessageContaining(FIRST_LOG.toString());
      storage.replace(FIRST_LOG, whole);
      storage.killProcess();
      assertThat(log(opened(), T0).logEndOffset()).isEqualTo(8);
      storage.killProcess();
    }
  }

  @Test
  void aBatchThatWasChangedBehindAKilledBrokersBackIsDamagedThoughItWasNotFlushed() {
    fill(Stop.KILLED, 8, false);
    byte[] whole = storage.content(FIRST_LOG);
    byte[] flipped = whole.clone();
    flipped[whole.length / 2] ^= 1;
    storage.replace(FIRST_LOG, flipped);
    assertThatThrownBy(() -> log(opened(), T0))
        .isInstanceOf(HighwaterException.class)
        .hasMessageContainingAll(FIRST_LOG.toString(), "a killed process does not leave that");
  }

  @Test
  void whatWasAddedBehindAKilledBrokersBackIsDamage() {
    fill(Stop.KILLED, 8, false);
    assertThat(log(opened(), T0).logEndOffset()).isEqualTo(8);
    storage.killProcess();
    byte[] whole = storage.content(FIRST_LOG);
    storage.replace(FIRST_LOG, Arrays.copyOf(whole, whole.length + 30));
    assertThatThrownBy(() -> log(opened(), T0))
        .isInstanceOf(HighwaterException.class)
        .hasMessageContaining(FIRST_LOG.toString());
  }

  @Test
  void anActiveSegmentThatWasDeletedBehindAKilledBrokersBackIsDamaged() {
    fill(Stop.KILLED, 3, false);
    byte[] whole = storage.content(FIRST_LOG);
    delete(FIRST_LOG);
    assertThatThrownBy(() -> log(opened(), T0))
        .isInstanceOf(HighwaterException.class)
        .hasMessageContainingAll(FIRST_LOG.toString(), "missing", "offset 0");
    storage.killProcess();
    storage.replace(FIRST_LOG, whole);
    assertThat(log(opened(), T0).logEndOffset()).isEqualTo(3);
  }

  @Test
  void aBrokerThatWasKilledSaysSoOnlyWhileTheMachineRuns() {
    fill(Stop.KILLED, 3, true);
    LogDirectory killed = opened();
    assertThat(killed.killedEpoch()).hasValue(BROKER_EPOCH);
    assertThat(killed.cleanShutdownEpoch()).isEmpty();
    killed.close();
    storage.losePower();
    LogDirectory rebooted = opened();
    assertThat(rebooted.killedEpoch()).isEmpty();
    rebooted.registered(BROKER_EPOCH + 1);
    log(rebooted, T0);
    rebooted.checkpoint();
    storage.killProcess();
    LogDirectory notAllOpened = opened();
    assertThat(notAllOpened.killedEpoch()).isEmpty();
    notAllOpened.registered(BROKER_EPOCH + 2);
    log(notAllOpened, T0);
    log(notAllOpened, T1);
    notAllOpened.checkpoint();
    storage.killProcess();
    assertThat(opened().killedEpoch()).hasValue(BROKER_EPOCH + 2);
  }

  @Test
  void aDiskThatFailedIsNotBelieved() {
    fill(Stop.KILLED, 3, true);
    LogDirectory directory = opened();
    LogDirectories directories = LogDirectories.of(directory);
    directories.registered(BROKER_EPOCH + 1);
    PartitionLog log = log(directory, T0);
    append(log, 1);
    storage.failNext(SimStorage.Operation.FORCE, path -> true, new IOException("a bad disk"));
    assertThatThrownBy(log::flush).isInstanceOf(HighwaterException.class);
    directories.forgetFailed();
    storage.killProcess();
    assertThat(opened().killedEpoch()).isEmpty();
  }

  /** Whatever it was doing: all that it was told is appended is there, and nothing is damaged. */
  @Test
  void aKillAtAnyOperationLeavesALogThatOpensWithAllThatWasAppended() {
    boolean whole = false;
    for (int at = 1; !whole; at++) {
      SimStorage machine = new SimStorage();
      LogDirectory directory = LogDirectory.open(ROOT, machine, () -> 1, 1, () -> new UUID(9, 9));
      directory.registered(BROKER_EPOCH);
      PartitionLog log = log(directory, T0);
      machine.crashAfter(at);
      long[] range = {0, 0};
      whole = live(directory, log, range);
      machine.killProcess();
      LogDirectory again = LogDirectory.open(ROOT, machine, () -> 1, 1, () -> new UUID(9, 9));
      assertThat(again.killedEpoch()).isPresent();
      assertThat(log(again, T0).logEndOffset()).as("at %s", at).isBetween(range[0], range[1]);
    }
  }

  /** Appends, rolls, cuts and begins anew; where the log may end is in {@code range}. */
  private static boolean live(LogDirectory directory, PartitionLog log, long[] range) {
    try {
      for (long cut : List.of(50L, 3L, 0L, 30L)) {
        while (log.logEndOffset() < 60) {
          range[0] = log.logEndOffset();
          range[1] = range[0] + 1;
          append(log, 1);
          if (log.logEndOffset() % 25 == 0) {
            log.flush();
            directory.checkpoint();
          }
        }
        range[0] = Math.min(cut, 60);
        range[1] = 60;
        log.truncateTo(cut);
      }
      range[0] = 0;
      range[1] = 100;
      log.resetTo(100);
      return true;
    } catch (HighwaterException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
      return false;
    }
  }
}
