package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.checkpoint.PartitionMetadata;
import io.highwater.log.io.SimStorage;
import io.highwater.log.verify.DirectoryVerifier;
import io.highwater.log.verify.Problem;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever looks for damage misses what the broker misses at its start (REC-3, REC-8). */
class MissingFilesTest {
  private static final Path ROOT = Path.of("/data");
  private static final UUID TOPIC = new UUID(1, 2);
  private static final TopicPartition T0 = new TopicPartition("t", 0);
  private static final TopicPartition T1 = new TopicPartition("t", 1);
  private static final Path T0_DIRECTORY = ROOT.resolve("t-0");
  private static final long BROKER_EPOCH = 5;

  private final SimStorage storage = new SimStorage();

  private LogDirectory opened() {
    return LogDirectory.open(ROOT, storage, () -> 1_000_000, 1, () -> new UUID(9, 9));
  }

  /** Two logs with committed records, all in one segment each or in many. */
  private LogDirectory filled(int records) {
    LogDirectory directory = opened();
    directory.registered(BROKER_EPOCH);
    for (TopicPartition partition : List.of(T0, T1)) {
      PartitionLog log = directory.openOrCreate(partition, TOPIC, LogFixture.SMALL);
      for (int i = 0; i < records; i++) {
        log.appendAsLeader(Batches.produced(5, 0, i, "value " + (100 + i)), 0);
      }
      log.advanceHighWatermark(records);
    }
    directory.checkpoint();
    return directory;
  }

  private void leave(LogDirectory directory, boolean clean) {
    if (clean) {
      directory.closeCleanly(BROKER_EPOCH);
    }
    storage.killProcess();
  }

  private void delete(Predicate<Path> which) throws IOException {
    for (Path file : storage.files(which)) {
      storage.deleteIfExists(file);
    }
  }

  private List<Problem> problems(Path directory) throws IOException {
    return new DirectoryVerifier(storage, true, problem -> {}).verify(directory).problems();
  }

  /** What the broker says when it opens the log. */
  private String refusal() {
    LogDirectory directory = opened();
    HighwaterException[] refused = new HighwaterException[1];
    assertThatThrownBy(() -> directory.openOrCreate(T0, TOPIC, LogFixture.SMALL))
        .isInstanceOfSatisfying(HighwaterException.class, e -> refused[0] = e);
    directory.close();
    return refused[0].getMessage();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theActiveSegmentIsMissed(boolean clean) throws Exception {
    for (int records : List.of(3, 60)) {
      leave(filled(records), clean);
      assertThat(problems(ROOT)).isEmpty();
      List<Path> logs =
          storage.files(path -> path.startsWith(T0_DIRECTORY) && path.toString().endsWith(".log"));
      assertThat(logs.size() > 1).isEqualTo(records > 10);
      Path active = logs.stream().max(Path::compareTo).orElseThrow();
      storage.deleteIfExists(active);

      for (Path directory : List.of(ROOT, T0_DIRECTORY)) {
        assertThat(problems(directory))
            .singleElement()
            .asString()
            .startsWith(active + ": it is missing");
      }
      assertThat(refusal()).contains("t-0");
      storage.deleteTree(ROOT);
    }
  }

  @Test
  void aMissingFileIsNotCalledADamagedOne() throws Exception {
    leave(filled(3), true);
    Path metadata = T0_DIRECTORY.resolve(PartitionMetadata.FILE_NAME);
    storage.deleteIfExists(metadata);
    assertThat(problems(ROOT)).containsExactly(Problem.of(metadata, "it is missing"));

    storage.replace(metadata, new byte[10]);
    assertThat(problems(ROOT))
        .containsExactly(Problem.of(metadata, "it does not match its checksum or form"));
  }

  /** Its manifest is gone as well: what the checkpoints know is left. */
  @Test
  void anEmptiedDirectoryIsNoEmptyLog() throws Exception {
    leave(filled(3), true);
    delete(
        path ->
            path.startsWith(T0_DIRECTORY)
                && !path.getFileName().toString().equals(PartitionMetadata.FILE_NAME));
    for (Path directory : List.of(ROOT, T0_DIRECTORY)) {
      assertThat(problems(directory))
          .containsExactly(Problem.of(T0_DIRECTORY, "it has no segments, flushed were 3"));
    }
    assertThat(refusal()).contains("it has no segments");
  }

  @Test
  void aLogThatEndsBelowWhatWasCommittedIsNamed() throws Exception {
    LogDirectory directory = filled(3);
    Map<Path, byte[]> older = new HashMap<>();
    storage
        .files(path -> path.startsWith(T0_DIRECTORY))
        .forEach(file -> older.put(file, storage.content(file)));
    PartitionLog log = directory.openOrCreate(T0, TOPIC, LogFixture.SMALL);
    log.appendAsLeader(Batches.produced(5, 0, 3, "more"), 0);
    log.advanceHighWatermark(4);
    directory.checkpoint();
    leave(directory, false);
    assertThat(problems(ROOT)).isEmpty();
    storage
        .files(path -> path.startsWith(T0_DIRECTORY))
        .forEach(file -> storage.replace(file, older.get(file)));
    assertThat(problems(ROOT))
        .containsExactly(
            Problem.of(
                T0_DIRECTORY,
                "it ends at offset 3, committed were 4: committed records are gone here"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void thePartitionsDirectoryIsMissed(boolean clean) throws Exception {
    leave(filled(3), clean);
    storage.deleteTree(T0_DIRECTORY);
    for (Path directory : List.of(ROOT, T0_DIRECTORY)) {
      assertThat(problems(directory))
          .singleElement()
          .asString()
          .startsWith(T0_DIRECTORY + ": it is missing; flushed were ")
          .endsWith("committed 3");
    }
    assertThatThrownBy(() -> problems(ROOT.resolve("t-7"))).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void whatWasDeletedOrNeverHadRecordsIsNotMissed() throws Exception {
    LogDirectory directory = filled(3);
    directory.openOrCreate(new TopicPartition("u", 0), new UUID(3, 4), LogFixture.SMALL);
    directory.checkpoint();
    directory.delete(List.of(T0), TOPIC);
    assertThat(problems(ROOT)).isEmpty();
    directory.removeDeleted();
    assertThat(problems(ROOT)).isEmpty();
    leave(directory, false);
    storage.deleteTree(ROOT.resolve("u-0"));
    assertThat(problems(ROOT)).isEmpty();
  }
}
