package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.io.FileStorage;
import io.highwater.log.io.Storage;
import io.highwater.log.verify.DirectoryVerifier;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** STO-12: what is not ours stays as it is, and links are not followed. */
class ForeignFilesTest {
  private static final UUID TOPIC = new UUID(1, 2);
  private static final String HEX = "00000000000000010000000000000002";
  private static final TopicPartition T0 = new TopicPartition("t", 0);

  @TempDir Path temporary;
  private final Storage storage = new FileStorage();
  private Path root;
  private Path outside;
  private LogDirectory directory;

  @BeforeEach
  void open() throws IOException {
    root = temporary.resolve("data");
    outside = Files.createDirectories(temporary.resolve("outside"));
    Files.writeString(outside.resolve("precious"), "x");
    reopen();
  }

  private void reopen() {
    if (directory != null) {
      directory.close();
    }
    directory = LogDirectory.open(root, storage, () -> 1_000_000, 1, () -> new UUID(9, 9));
  }

  @AfterEach
  void close() {
    directory.close();
  }

  private PartitionLog log() {
    return directory.openOrCreate(T0, TOPIC, LogFixture.SMALL);
  }

  private Path foreign(String name) throws IOException {
    Path foreign = Files.createDirectories(root.resolve(name));
    Files.writeString(foreign.resolve("f"), "x");
    return foreign;
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(root)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void directoriesWithOtherNamesThanOursAreNotDeleted() throws IOException {
    List<String> names =
        List.of(
            "backup-2026-11-30-of-orders-please-do-not-delete",
            "t-0." + HEX + "-delete-not",
            "t-0." + HEX.replace("0", "A") + "-delete",
            "t." + HEX + "-delete",
            "t-0." + HEX + "0-delete",
            "t-0." + HEX + "-damaged-copy",
            "photos-2026");
    for (String name : names) {
      foreign(name);
    }
    Files.createDirectory(root.resolve("empty-7"));
    Files.writeString(root.resolve("t-9." + HEX + "-delete"), "a file");
    log().appendAsLeader(Batches.of(1, "a"), 0);
    reopen();
    assertThat(directory.partitions()).doesNotContainKey(new TopicPartition("empty", 7));
    log();
    directory.delete(List.of(T0), TOPIC);
    directory.removeDeleted();
    directory.deleteDamaged(new TopicIdPartition(TOPIC, 0));

    assertThat(names()).containsAll(names).contains("empty-7", "t-9." + HEX + "-delete");
    assertThat(names())
        .noneMatch(name -> name.equals("t-0") || name.equals("t-0." + HEX + "-delete"));
  }

  @Test
  void whatIsNotALogsStaysWhenItsPartitionIsDeleted() throws IOException {
    log().appendAsLeader(Batches.of(1, "a"), 0);
    Path partition = root.resolve("t-0");
    Files.writeString(partition.resolve("notes.txt"), "x");
    Files.writeString(partition.resolve("work.tmp"), "x");
    Files.writeString(partition.resolve("lawn.cleaned"), "x");
    Files.createSymbolicLink(partition.resolve("elsewhere"), outside);
    directory.delete(List.of(T0), TOPIC);
    directory.removeDeleted();

    try (Stream<Path> left = Files.list(root.resolve("t-0." + HEX + "-delete"))) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("notes.txt", "work.tmp", "lawn.cleaned", "elsewhere");
    }
    assertThat(outside.resolve("precious")).exists();
    // It does not stand in the way of the next one.
    log();
    directory.delete(List.of(T0), TOPIC);
    directory.removeDeleted();
    assertThat(names()).filteredOn(name -> name.contains("-delete")).hasSize(1);
  }

  @Test
  void filesInAPartitionThatAreNotALogsAreLeftWhenItIsOpened() throws IOException {
    log().appendAsLeader(Batches.of(1, "a"), 0);
    List<Path> files =
        Stream.of("work.tmp", "lawn.cleaned", "rides.swap")
            .map(name -> root.resolve("t-0").resolve(name))
            .toList();
    for (Path file : files) {
      Files.writeString(file, "x");
    }
    reopen();

    assertThat(log().logEndOffset()).isEqualTo(1);
    assertThat(files).allMatch(Files::exists);
  }

  @Test
  void aLinkInThePlaceOfADeletedPartitionIsNotFollowed() throws IOException {
    Path link = Files.createSymbolicLink(root.resolve("t-3." + HEX + "-delete"), outside);
    directory.removeDeleted();
    storage.deleteTree(link);

    assertThat(outside.resolve("precious")).exists();
    assertThat(Files.isSymbolicLink(link)).isTrue();
  }

  @Test
  void aPartitionThatIsALinkIsRefusedByNameAndLeftAlone() throws IOException {
    log().appendAsLeader(Batches.of(1, "a"), 0);
    directory.closeCleanly(5);
    Path moved = Files.move(root.resolve("t-0"), outside.resolve("t-0"));
    Files.createSymbolicLink(root.resolve("t-0"), moved);
    reopen();

    assertThat(directory.partitions()).containsKey(T0);
    assertThatThrownBy(this::log)
        .isInstanceOf(HighwaterException.class)
        .hasMessageContainingAll("t-0", "is a link");
    assertThatThrownBy(() -> directory.delete(List.of(T0), TOPIC))
        .hasMessageContaining("is a link");
    assertThat(directory.health().isOffline()).isFalse();
    assertThat(
            new DirectoryVerifier(storage, true, problem -> {}).verify(root).problems().toString())
        .contains("t-0: it is a link");
    assertThat(moved.resolve("partition.metadata")).exists();
  }

  @Test
  void aLogFileThatIsALinkTakesItsPartitionOfflineAndNothingElse() throws IOException {
    log().appendAsLeader(Batches.of(1, "a"), 0);
    directory.closeCleanly(5);
    Path log = root.resolve("t-0").resolve("00000000000000000000.log");
    Path moved = Files.move(log, outside.resolve("moved.log"));
    Files.createSymbolicLink(log, moved);
    byte[] before = Files.readAllBytes(moved);
    reopen();

    assertThatThrownBy(this::log)
        .isInstanceOf(HighwaterException.class)
        .hasMessageContainingAll("000.log", "is a link");
    assertThat(directory.health().isOffline()).isFalse();
    assertThat(Files.readAllBytes(moved)).isEqualTo(before);
  }

  /** Not only the segments' own: the disk is sound, whatever a link stands for. */
  @ParameterizedTest
  @ValueSource(strings = {".index", ".timeindex", ".manifest"})
  void aLinkInThePlaceOfAnyFileTakesNoDirectoryOffline(String suffix) throws IOException {
    log().appendAsLeader(Batches.of(1, "a"), 0);
    directory.closeCleanly(5);
    Path file = root.resolve("t-0").resolve("00000000000000000000" + suffix);
    Path moved = Files.move(file, outside.resolve("moved"));
    Files.createSymbolicLink(file, moved);
    byte[] before = Files.readAllBytes(moved);
    reopen();

    assertThatThrownBy(() -> log().appendAsLeader(Batches.of(2, "b"), 0))
        .isInstanceOf(HighwaterException.class)
        .hasMessageContainingAll(suffix, "is a link");
    assertThat(directory.health().isOffline()).isFalse();
    assertThat(Files.readAllBytes(moved)).isEqualTo(before);
  }

  @Test
  void theVerifierNamesALinkAndGoesOn() throws IOException {
    log().appendAsLeader(Batches.of(1, "a"), 0);
    directory
        .openOrCreate(new TopicPartition("t", 1), TOPIC, LogFixture.SMALL)
        .appendAsLeader(Batches.of(1, "a"), 0);
    directory.closeCleanly(5);
    Path log = root.resolve("t-0").resolve("00000000000000000000.log");
    Files.createSymbolicLink(log, Files.move(log, outside.resolve("moved.log")));
    Path damaged = root.resolve("t-1").resolve("00000000000000000000.log");
    Files.write(damaged, new byte[] {1, 2, 3});

    assertThat(
            new DirectoryVerifier(storage, true, problem -> {}).verify(root).problems().toString())
        .contains(log + ": it is a link")
        .contains(damaged.toString());
  }
}
