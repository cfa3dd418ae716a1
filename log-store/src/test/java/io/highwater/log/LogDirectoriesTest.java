package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.checkpoint.MetaProperties;
import io.highwater.log.checkpoint.PartitionMetadata;
import io.highwater.log.io.SimStorage;
import io.highwater.log.io.SimStorage.Operation;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Several log directories, each on a disk of its own. */
class LogDirectoriesTest {
  private static final Path A = Path.of("/a");
  private static final Path B = Path.of("/b");
  private static final Path C = Path.of("/c");
  private static final UUID TOPIC = new UUID(1, 2);

  private final Map<Path, SimStorage> disks = new HashMap<>();
  private final Map<Path, HighwaterException> broken = new HashMap<>();
  private long ids;
  private LogDirectories directories;

  private LogDirectories open(Path... roots) {
    directories = LogDirectories.open(List.of(roots), roots[0], this::openOne);
    return directories;
  }

  private LogDirectory openOne(Path root) {
    if (broken.containsKey(root)) {
      throw broken.get(root);
    }
    return LogDirectory.open(root, disk(root), () -> 1000, 1, () -> new UUID(9, ++ids));
  }

  private SimStorage disk(Path root) {
    return disks.computeIfAbsent(root, none -> new SimStorage());
  }

  private static TopicPartition partition(int number) {
    return new TopicPartition("t", number);
  }

  private PartitionLog log(int number) {
    return directories.openOrCreate(partition(number), TOPIC, LogFixture.SMALL);
  }

  private Path rootOf(int number) {
    return log(number).logDirectory();
  }

  private void kill() {
    disks.values().forEach(SimStorage::killProcess);
  }

  private static void failsWith(ErrorCode code, String text, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(HighwaterException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(text);
  }

  private static HighwaterException unreadable() {
    return new HighwaterException(ErrorCode.KAFKA_STORAGE_ERROR, "cannot be read");
  }

  @Test
  void aNewPartitionComesToWhereTheFewestAre() {
    open(A, B);

    assertThat(List.of(rootOf(0), rootOf(1), rootOf(2), rootOf(3))).containsExactly(A, B, A, B);
    directories.delete(List.of(partition(0)), TOPIC, gone -> {});
    directories.delete(List.of(partition(2)), TOPIC, gone -> {});
    assertThat(List.of(rootOf(4), rootOf(5), rootOf(6))).containsExactly(A, A, A);
  }

  @Test
  void aRestartFindsEveryPartitionWhereItWas() {
    open(A, B, C);
    for (int i = 0; i < 7; i++) {
      log(i).appendAsLeader(Batches.of(1, "v" + i), 0);
    }
    Path of5 = rootOf(5);
    kill();

    open(C, A, B);
    assertThat(directories.partitions()).hasSize(7).containsKey(partition(6));
    assertThat(rootOf(5)).isEqualTo(of5);
    assertThat(log(5).logEndOffset()).isEqualTo(1);
  }

  @Test
  void aPartitionInTwoDirectoriesIsRefusedWithBothNames() {
    open(A);
    log(0);
    directories.closeCleanly(1);
    open(B);
    log(0);
    directories.closeCleanly(1);

    assertThatThrownBy(() -> open(A, B))
        .isInstanceOf(HighwaterException.class)
        .hasMessageContainingAll("t-0", "/a", "/b");
    open(A);
  }

  @Test
  void aPartitionInTwoDirectoriesIsRefusedAlsoWhereAnotherTopicHasTheName() {
    open(A);
    directories.openOrCreate(partition(0), new UUID(9, 9), LogFixture.SMALL);
    directories.closeCleanly(1);
    for (Path root : List.of(B, C)) {
      open(root);
      log(0);
      directories.closeCleanly(1);
    }

    for (List<Path> order : List.of(List.of(A, B, C), List.of(B, A, C), List.of(B, C, A))) {
      assertThatThrownBy(() -> open(order.toArray(Path[]::new)))
          .isInstanceOf(HighwaterException.class)
          .hasMessageContainingAll("t-0", "/b", "/c");
    }
  }

  /** CTL-5: one was deleted while its directory was offline, and created again elsewhere. */
  @Test
  void partitionsOfOneNameAreToldApartByTheirTopics() {
    UUID younger = new UUID(9, 9);
    open(B);
    log(0).appendAsLeader(Batches.of(1, "old"), 0);
    directories.closeCleanly(1);
    open(A);
    directories.openOrCreate(partition(0), younger, LogFixture.SMALL);
    directories.closeCleanly(1);

    for (List<Path> order : List.of(List.of(A, B), List.of(B, A))) {
      open(order.toArray(Path[]::new));
      assertThat(directories.partitions().get(partition(0)))
          .containsExactlyInAnyOrder(TOPIC, younger);
      kill();
    }
    open(B, A);
    directories.delete(List.of(partition(0)), TOPIC, gone -> {});
    assertThat(directories.openOrCreate(partition(0), younger, LogFixture.SMALL).logEndOffset())
        .isZero();
    assertThat(rootOf(0)).isEqualTo(A);
    kill();
    open(A, B);
    assertThat(directories.partitions().get(partition(0))).containsExactly(younger);
  }

  @Test
  void aCopyOfADirectoryIsRefused() {
    open(A).closeCleanly(1);
    ids--;
    open(B).closeCleanly(1);

    failsWith(ErrorCode.INVALID_CONFIG, "one is a copy", () -> open(A, B));
  }

  @Test
  void aDirectoryThatFailsLeavesTheOthersInService() {
    open(A, B);
    log(0).appendAsLeader(Batches.of(1, "a"), 0);
    PartitionLog lost = log(1);
    lost.appendAsLeader(Batches.of(1, "b"), 0);

    disk(B).failNext(Operation.FORCE, path -> true, new IOException("x"));
    failsWith(ErrorCode.KAFKA_STORAGE_ERROR, "x", lost::flush);

    assertThat(directories.isOffline()).isFalse();
    assertThat(directories.isOffline(partition(1))).isTrue();
    assertThat(lost.directoryFailure()).hasValueSatisfying(t -> assertThat(t).contains("/b"));
    assertThat(directories.logs())
        .extracting(PartitionLog::partition)
        .containsExactly(partition(0));
    log(0).appendAsLeader(Batches.of(1, "c"), 0);
    failsWith(ErrorCode.KAFKA_STORAGE_ERROR, "offline", () -> log(1));
    assertThat(List.of(rootOf(2), rootOf(3))).containsExactly(A, A);
  }

  @Test
  void nothingIsLeftWhenAllFailedOrTheMetadataLogs() {
    open(A, B);
    disk(A).failNext(Operation.FORCE, path -> true, new IOException("x"));
    failsWith(ErrorCode.KAFKA_STORAGE_ERROR, "x", () -> log(0));
    assertThat(directories.isOffline()).isTrue();
    kill();

    directories = LogDirectories.open(List.of(A, B), C, this::openOne);
    for (int failed = 0; failed < 2; failed++) {
      assertThat(directories.isOffline()).isFalse();
      directories.live().get(0).health().fail("writing", new IOException("x"));
    }
    assertThat(directories.isOffline()).isTrue();
  }

  @Test
  void aDirectoryThatDoesNotOpenIsLeftOutAndWhatMayBeInItIsNotCreatedAgain() {
    open(A, B);
    log(0);
    log(1);
    directories.closeCleanly(5);
    broken.put(B, unreadable());

    assertThat(open(A, B).cleanShutdownEpoch()).hasValue(5);
    assertThat(directories.partitions()).containsOnlyKeys(partition(0));
    directories.requireFound(partition(0), TOPIC);
    failsWith(
        ErrorCode.KAFKA_STORAGE_ERROR, "/b", () -> directories.requireFound(partition(1), TOPIC));
    assertThat(rootOf(2)).isEqualTo(A);
  }

  /** REC-7: its topic was deleted while that directory was away, say. */
  @Test
  void aNamesakeIsNotTakenForWhatMayBeInADirectoryThatDoesNotOpen() {
    open(A, B);
    log(0);
    directories.closeCleanly(5);
    broken.put(B, unreadable());

    open(A, B);
    directories.requireFound(partition(0), TOPIC);
    UUID other = new UUID(3, 4);
    failsWith(
        ErrorCode.KAFKA_STORAGE_ERROR, "/b", () -> directories.requireFound(partition(0), other));
  }

  /** REC-3: an empty log would pass for all that there was. */
  @Test
  void aPartitionWhoseDirectoryIsGoneIsNotCreatedAgainUntilItIsGivenUp() throws Exception {
    open(A, B);
    log(0).appendAsLeader(Batches.of(1, "a", "b"), 0);
    log(0).advanceHighWatermark(2);
    log(2);
    directories.closeCleanly(5);
    disk(A).deleteTree(A.resolve("t-0"));
    disk(A).deleteTree(A.resolve("t-2"));

    open(A, B);
    directories.requireNotLost(partition(2), TOPIC); // It was empty.
    failsWith(
        ErrorCode.KAFKA_STORAGE_ERROR, "/a", () -> directories.requireNotLost(partition(0), TOPIC));
    assertThat(directories.checkpointedHighWatermark(partition(0)))
        .contains(new EpochEnd(EpochEnd.NONE, 2));
    directories.setAside(partition(0), TOPIC);
    directories.requireNotLost(partition(0), TOPIC);
    assertThat(log(0).logEndOffset()).isZero();
  }

  /** REC-3: one that another broker leads is fetched again, as one that is damaged. */
  @Test
  void aPartitionWhoseDirectoryIsGoneMayBeFetchedAgain() throws Exception {
    open(A);
    log(0).appendAsLeader(Batches.of(1, "a", "b"), 0);
    directories.closeCleanly(5);
    disk(A).deleteTree(A.resolve("t-0"));

    open(A);
    directories.setDamagedAside(partition(0), TOPIC);
    directories.requireNotLost(partition(0), TOPIC);
    assertThat(log(0).logEndOffset()).isZero();
  }

  /** A disk that was full when the log had been renamed: its checkpoints must not outlive it. */
  @Test
  void whatWasSetAsideHalfWayIsForgottenWhenThereIsSpaceAgain() {
    open(A);
    log(0).appendAsLeader(Batches.of(1, "a", "b"), 0);
    directories.closeCleanly(5);
    open(A);
    log(0);
    disk(A).limitBytes(0);
    failsWith(ErrorCode.STORAGE_FULL, "t", () -> directories.setDamagedAside(partition(0), TOPIC));
    disk(A).limitBytes(Long.MAX_VALUE);
    directories.setDamagedAside(partition(0), TOPIC);
    kill();

    open(A);
    directories.requireNotLost(partition(0), TOPIC);
    assertThat(directories.damagedAside()).hasSize(1);
  }

  /** CTL-5, REC-3: directories that changed places, say. */
  @Test
  void anotherTopicsPartitionInItsPlaceIsNotTheOneThatWasThere() throws Exception {
    UUID other = new UUID(9, 9);
    open(A);
    log(0).appendAsLeader(Batches.of(1, "a", "b"), 0);
    directories.closeCleanly(5);
    PartitionMetadata.of(other, partition(0), new UUID(9, 1)).write(disk(A), A.resolve("t-0"));

    open(A);
    directories.requireNotLost(partition(0), other);
    failsWith(
        ErrorCode.KAFKA_STORAGE_ERROR,
        other.toString(),
        () -> directories.requireNotLost(partition(0), TOPIC));
    directories.setAside(partition(0), TOPIC);
    directories.requireNotLost(partition(0), TOPIC);
  }

  @Test
  void aDirectoryThatDoesNotListIsNoneAndABrokerWithNoOtherDoesNotStart() {
    open(A, B);
    log(0);
    log(1);
    kill();
    disk(B)
        .failNext(Operation.READ, path -> path.startsWith(B.resolve("t-1")), new IOException("x"));
    open(A, B);
    failsWith(
        ErrorCode.KAFKA_STORAGE_ERROR, "/b", () -> directories.requireFound(partition(1), TOPIC));
    kill();

    disk(A)
        .failNext(Operation.READ, path -> path.startsWith(A.resolve("t-0")), new IOException("x"));
    failsWith(ErrorCode.KAFKA_STORAGE_ERROR, "no log directory", () -> open(A));
  }

  /** CTL-5: what is said to be removed must not come back with its directory. */
  @Test
  void whatIsOrMayBeInADirectoryThatIsOfflineCannotBeDeleted() {
    open(A, B);
    log(0);
    log(1);
    disk(B).failNext(Operation.FORCE, path -> true, new IOException("x"));
    failsWith(
        ErrorCode.KAFKA_STORAGE_ERROR, "x", () -> log(1).appendAsLeader(Batches.of(1, "b"), 0));
    failsWith(
        ErrorCode.KAFKA_STORAGE_ERROR,
        "/b",
        () -> directories.delete(List.of(partition(1)), TOPIC, gone -> {}));
    kill();
    broken.put(B, unreadable());

    open(A, B);
    directories.delete(List.of(partition(0)), TOPIC, gone -> {});
    failsWith(
        ErrorCode.KAFKA_STORAGE_ERROR,
        "/b",
        () -> directories.delete(List.of(partition(1)), TOPIC, gone -> {}));
    failsWith(ErrorCode.KAFKA_STORAGE_ERROR, "/b", directories::requireAllOpen);
  }

  @Test
  void withoutTheMetadataLogsDirectoryOrAnyOtherNothingOpens() {
    open(A, B).closeCleanly(1);
    broken.put(A, unreadable());
    failsWith(ErrorCode.KAFKA_STORAGE_ERROR, "cannot be read", () -> open(A, B));
    failsWith(
        ErrorCode.KAFKA_STORAGE_ERROR,
        "cannot be read",
        () -> LogDirectories.open(List.of(A), C, this::openOne));
    open(B, A);
  }

  @Test
  void aDirectoryInUseIsNoFailureOfADisk() {
    LogDirectory other = openOne(B);

    failsWith(ErrorCode.KAFKA_STORAGE_ERROR, "another broker uses /b", () -> open(A, B));
    other.close();
    open(A, B);
  }

  @Test
  void theShutdownWasCleanOnlyIfItWasInEveryDirectory() {
    fillBoth();
    assertThat(open(A, B).cleanShutdownEpoch()).hasValue(5);
    directories.live().get(1).health().fail("writing", new IOException("x"));
    directories.closeCleanly(6);
    assertThat(open(A, B).cleanShutdownEpoch()).isEmpty();
    directories.close();
    assertThat(open(A, B).cleanShutdownEpoch()).as("nor at the start after").isEmpty();
  }

  /** What is left of it looks like one that never held anything; only the first start knows. */
  @Test
  void aStartThatFailsAfterADirectoryWasEmptiedLeavesNothingClean() throws Exception {
    fillBoth();
    for (String name : disk(B).list(B)) {
      if (!name.startsWith(MetaProperties.FILE_NAME)) {
        disk(B).deleteTree(B.resolve(name));
        disk(B).deleteIfExists(B.resolve(name));
      }
    }
    for (int start = 0; start < 2; start++) {
      open(A, B).close();
      assertThat(directories.cleanShutdownEpoch()).isEmpty();
    }
  }

  @Test
  void aDirectoryThatIsAddedLosesNothingNorDoesOneThatIsMissed() {
    open(A).closeCleanly(5);
    assertThat(open(A, B).cleanShutdownEpoch()).hasValue(5);
    directories.closeCleanly(6);
    assertThat(open(A).cleanShutdownEpoch()).as("it was empty").hasValue(6);
    directories.closeCleanly(7);
    open(A, B);
    log(0);
    log(1);
    directories.closeCleanly(8);
    SimStorage away = disks.put(B, new SimStorage());
    assertThat(open(A).cleanShutdownEpoch()).as("what is there is judged").hasValue(8);
    directories.closeCleanly(9);
    assertThat(open(A).cleanShutdownEpoch()).as("it is still missed").hasValue(9);
    directories.closeCleanly(10);
    assertThat(open(A, B).cleanShutdownEpoch()).as("replaced by an empty one").hasValue(10);
    directories.closeCleanly(11);
    SimStorage older = away.copy();
    disks.put(B, away);
    open(A, B).close();
    assertThat(open(A, B).cleanShutdownEpoch()).as("back as it was left").hasValue(11);
    directories.registered(12);
    directories.closeCleanly(12);
    assertThat(open(A, B).cleanShutdownEpoch()).hasValue(12);
    directories.closeCleanly(13);
    assertThat(open(A).cleanShutdownEpoch()).hasValue(13);
    directories.closeCleanly(14);
    disks.put(B, older);
    assertThat(open(A, B).cleanShutdownEpoch()).as("an older copy of it").isEmpty();
  }

  private Set<TopicIdPartition> found(Path root) {
    Set<TopicIdPartition> found = new HashSet<>();
    for (TopicPartition partition : directories.partitions().keySet()) {
      if (rootOf(partition.partition()).equals(root)) {
        found.add(new TopicIdPartition(TOPIC, partition.partition()));
      }
    }
    return found;
  }

  @Test
  void besideAnOlderCopyWhatTheOthersHoldIsKnownAsTheyWereLeft() {
    fillBoth();
    SimStorage older = disks.get(B).copy();
    open(A, B).registered(6);
    directories.closeCleanly(6);
    assertThat(open(A, B).partialRun()).isEmpty();
    directories.closeCleanly(6);
    disks.put(B, older);

    PartialRun run = open(A, B).partialRun().orElseThrow();
    assertThat(run.cleanEpoch()).isEqualTo(6);
    assertThat(run.replicas()).isNotEmpty().isEqualTo(found(A));
    assertThat(directories.cleanShutdownEpoch()).isEmpty();
    assertThat(directories.killedEpoch()).isEmpty();
    directories.close();
    open(A, B);
    assertThat(directories.partialRun()).as("after a start that failed").isEmpty();
    assertThat(directories.cleanShutdownEpoch()).isEmpty();
  }

  @Test
  void besideAnOlderCopyWhatTheOthersHoldIsKnownAfterAKillToo() {
    fillBoth();
    SimStorage older = disks.get(B).copy();
    open(A, B).registered(6);
    kill();
    disks.put(B, older);

    PartialRun run = open(A, B).partialRun().orElseThrow();
    assertThat(run.cleanEpoch()).isEqualTo(-1);
    assertThat(run.killedEpoch()).isEqualTo(6);
    assertThat(run.replicas()).isNotEmpty().isEqualTo(found(A));
  }

  @Test
  void whenTheDirectoryOfTheMetadataLogIsTheOlderCopyNothingIsKnownOfAny() {
    fillBoth();
    SimStorage older = disks.get(A).copy();
    open(A, B).registered(6);
    directories.closeCleanly(6);
    disks.put(A, older);

    open(A, B);
    assertThat(directories.cleanShutdownEpoch()).isEmpty();
    directories
        .partialRun()
        .ifPresent(run -> assertThat(run.cleanEpoch()).as("that of A's time").isEqualTo(5));
  }

  @Test
  void aDirectoryThatIsBackAsItWasLeftDoesNotMakeAKillAPowerLoss() {
    fillBoth();
    SimStorage away = disks.remove(B);
    open(A).registered(6);
    kill();
    disks.put(B, away);
    assertThat(open(A, B).cleanShutdownEpoch()).isEmpty();
    assertThat(directories.killedEpoch()).hasValue(6);
  }

  /** A mistake in the configuration costs nothing but the start. */
  @Test
  void aStartThatFailsLeavesTheCleanShutdownForTheNext() {
    fillBoth();
    broken.put(B, new HighwaterException(ErrorCode.INVALID_CONFIG, "another node's"));
    failsWith(ErrorCode.INVALID_CONFIG, "another node's", () -> open(A, B));
    broken.clear();
    open(A, B).close();
    open(A, B, C).close();
    assertThat(open(A, B, C).cleanShutdownEpoch()).as("C is empty still").hasValue(5);
    log(0);
    kill();
    assertThat(open(A, B, C).cleanShutdownEpoch()).isEmpty();
  }

  /** ISR-4: that something was given up is forgotten by no start that fails. */
  @Test
  void aStartThatFailsAfterADirectoryWasGivenUpLeavesNothingClean() throws Exception {
    open(A, B).registered(5);
    log(0);
    log(1);
    directories.closeCleanly(5);
    UUID lost = idOf(B);
    SimStorage away = disks.remove(B);
    LogDirectory.giveUp(A, disk(A), List.of(lost));
    for (int start = 0; start < 2; start++) {
      open(A).close();
      assertThat(directories.cleanShutdownEpoch()).isEmpty();
      assertThat(directories.killedEpoch()).isEmpty();
    }
    disks.put(B, away);
    for (int start = 0; start < 2; start++) {
      open(A, B).close();
      assertThat(directories.cleanShutdownEpoch()).isEmpty();
      assertThat(directories.killedEpoch()).isEmpty();
    }
  }

  private UUID idOf(Path root) throws IOException {
    return MetaProperties.read(disk(root), root).orElseThrow().directoryId();
  }

  private void fillBoth() {
    open(A, B);
    log(0).appendAsLeader(Batches.of(1, "a", "b"), 0);
    log(1).appendAsLeader(Batches.of(1, "c", "d", "e"), 0);
    log(1).advanceHighWatermark(3);
    directories.closeCleanly(5);
  }

  /** REC-7: whatever stands in its place, and at each start until it is back. */
  @Test
  void whatAMissingDirectoryHeldIsNotBegunAnewAndIsThereWhenItIsBack() {
    fillBoth();
    SimStorage away = disks.remove(B);
    for (Path[] roots : List.of(new Path[] {A, B}, new Path[] {A}, new Path[] {A, B})) {
      open(roots);
      directories.requireFound(partition(0), TOPIC);
      failsWith(
          ErrorCode.KAFKA_STORAGE_ERROR,
          "offline",
          () -> directories.requireFound(partition(1), TOPIC));
      assertThat(directories.isOffline(partition(1))).isTrue();
      assertThat(directories.checkpointedHighWatermark(partition(1))).isEmpty();
      failsWith(ErrorCode.KAFKA_STORAGE_ERROR, "offline", directories::requireAllOpen);
      directories.closeCleanly(6);
    }
    disks.put(B, away);

    open(A, B);
    directories.requireAllOpen();
    assertThat(LogFixture.records(log(1), 0)).containsExactly("0:c", "1:d", "2:e");
    directories.closeCleanly(7);
    assertThat(open(A, B).cleanShutdownEpoch()).hasValue(7);
  }

  @Test
  void aMissingDirectoryOfTheMetadataLogIsKnownToTheOthers() {
    fillBoth();
    disks.remove(A);

    open(A, B);
    failsWith(
        ErrorCode.KAFKA_STORAGE_ERROR,
        "offline",
        () -> directories.requireFound(partition(0), TOPIC));
    assertThat(directories.cleanShutdownEpoch()).isEmpty();
  }

  @Test
  void whatADirectoryHeldThatWasGivenUpIsBegunAnewAndItsCopySetAsideWhenItReturns()
      throws Exception {
    fillBoth();
    UUID lost = idOf(B);
    SimStorage away = disks.remove(B);
    LogDirectory.giveUp(A, disk(A), List.of(lost));

    open(A);
    assertThat(directories.cleanShutdownEpoch()).as("ISR-4").isEmpty();
    directories.requireFound(partition(1), TOPIC);
    directories.requireAllOpen();
    log(1).appendAsLeader(Batches.of(1, "new"), 1);
    log(1).advanceHighWatermark(1);
    directories.closeCleanly(6);
    assertThat(open(A).cleanShutdownEpoch()).hasValue(6);
    directories.closeCleanly(7);
    disks.put(B, away);

    open(A, B);
    assertThat(directories.cleanShutdownEpoch()).isEmpty();
    assertThat(LogFixture.records(log(1), 0)).containsExactly("0:new");
    assertThat(disk(B).list(B)).anyMatch(name -> name.matches("t-1\\..*-stray"));
    directories.closeCleanly(8);
    assertThat(open(A, B).cleanShutdownEpoch()).hasValue(8);
  }

  /** REC-7: disks that were swapped, say; the newer log is not there to be compared. */
  @Test
  void whatReturnsInPlaceOfANewerDirectoryIsNotServedAndSetAsideWhenThatIsBack() throws Exception {
    SimStorage older = beginAnewInAnotherB();
    SimStorage newer = disks.put(B, older);
    for (int start = 0; start < 2; start++) {
      open(A, B);
      requireAbsent(1);
      assertThat(directories.isOffline(partition(1))).isTrue();
      assertThat(directories.checkpointedHighWatermark(partition(1))).isEmpty();
      assertThat(directories.cleanShutdownEpoch()).isEmpty();
      assertThat(LogFixture.records(log(0), 0)).containsExactly("0:a", "1:b");
      assertThat(rootOf(2 + start)).isEqualTo(A);
      directories.closeCleanly(8);
    }
    disks.put(B, newer);
    mountAtC(older);

    open(A, C, B);
    directories.requireAllOpen();
    assertThat(LogFixture.records(log(1), 0)).containsExactly("0:new");
    assertThat(older.list(C)).anyMatch(name -> name.matches("t-1\\..*-stray"));
    directories.closeCleanly(9);
    assertThat(open(A, B, C).cleanShutdownEpoch()).hasValue(9);
  }

  /** B with what it held is given up, and another directory in its place has the newer log. */
  private SimStorage beginAnewInAnotherB() throws IOException {
    fillBoth();
    UUID lost = idOf(B);
    SimStorage older = disks.remove(B);
    LogDirectory.giveUp(A, disk(A), List.of(lost));
    open(A, B);
    assertThat(rootOf(1)).isEqualTo(B);
    log(1).appendAsLeader(Batches.of(1, "new"), 1);
    log(1).advanceHighWatermark(1);
    directories.closeCleanly(6);
    return older;
  }

  private void mountAtC(SimStorage disk) throws IOException {
    disk.rename(B, C);
    disks.put(C, disk);
  }

  private void requireAbsent(int number) {
    assertThatThrownBy(() -> directories.requireFound(partition(number), TOPIC))
        .isInstanceOf(AbsentLogException.class);
  }

  @Test
  void whatReturnsServesWhereTheNewerDirectoryIsGivenUpAsWell() throws Exception {
    SimStorage older = beginAnewInAnotherB();
    UUID newer = idOf(B);
    disks.put(B, older);
    open(A, B);
    requireAbsent(1);
    directories.closeCleanly(8);
    LogDirectory.giveUp(A, disk(A), List.of(newer));

    open(A, B);
    directories.requireAllOpen();
    assertThat(LogFixture.records(log(1), 0)).containsExactly("0:c", "1:d", "2:e");
  }

  @Test
  void whereOnlyADirectoryIsThatReturnedNothingIsCreatedWhileTheNewerOneIsMissing()
      throws Exception {
    SimStorage older = beginAnewInAnotherB();
    disks.put(B, older);
    directories = LogDirectories.open(List.of(B), A, this::openOne);

    failsWith(ErrorCode.KAFKA_STORAGE_ERROR, "offline", () -> log(1));
    failsWith(
        ErrorCode.KAFKA_STORAGE_ERROR,
        "offline",
        () -> directories.createDirectories(Map.of(partition(7), TOPIC)));
  }

  /** REC-7: it may be the one with the newer log. */
  @Test
  void whatReturnsIsNotServedWhileAnotherDirectoryDoesNotOpen() throws Exception {
    SimStorage older = beginAnewInAnotherB();
    mountAtC(disks.put(B, older));
    broken.put(C, unreadable());

    open(A, B, C);
    requireAbsent(1);
    directories.closeCleanly(8);
    broken.clear();
    open(A, B, C);
    assertThat(rootOf(1)).isEqualTo(C);
    assertThat(LogFixture.records(log(1), 0)).containsExactly("0:new");
  }

  @Test
  void whatWasGivenUpAndNotBegunAnewIsStillThere() throws Exception {
    fillBoth();
    LogDirectory.giveUp(A, disk(A), List.of(idOf(B)));

    assertThat(open(A, B).cleanShutdownEpoch()).isEmpty();
    assertThat(LogFixture.records(log(1), 0)).containsExactly("0:c", "1:d", "2:e");
  }

  /** Also after a start that no longer waits for it. */
  @Test
  void itIsSaidWhatWasGivenUpBeforeAndTheOthersHearItFromWhicheverWasAsked() throws Exception {
    fillBoth();
    open(A, B, C);
    log(2).appendAsLeader(Batches.of(1, "f"), 0);
    assertThat(rootOf(2)).isEqualTo(C);
    directories.closeCleanly(6);
    UUID lost = idOf(B);
    disks.remove(B);

    assertThat(LogDirectory.giveUp(C, disk(C), List.of(lost))).isEmpty();
    assertThat(LogDirectory.giveUp(C, disk(C), List.of(lost))).containsExactly(lost);

    open(A, C);
    directories.requireAllOpen();
    directories.closeCleanly(7);
    assertThat(LogDirectory.giveUp(A, disk(A), List.of(lost))).containsExactly(lost);
  }

  @Test
  void onlyADirectoryOfTheBrokersIsGivenUpAndOnlyWhileItIsStopped() {
    fillBoth();
    failsWith(
        ErrorCode.INVALID_REQUEST,
        "knows of no other",
        () -> LogDirectory.giveUp(A, disk(A), List.of(new UUID(7, 7))));
    open(A, B);
    failsWith(
        ErrorCode.KAFKA_STORAGE_ERROR,
        "another broker uses",
        () -> LogDirectory.giveUp(A, disk(A), List.of(idOf(B))));
  }

  @Test
  void ofAPartitionInTwoDirectoriesTheNewerCopyIsNamed() {
    open(A);
    log(0).appendAsLeader(Batches.of(1, "a", "b"), 0);
    log(0).advanceHighWatermark(2);
    directories.closeCleanly(1);
    open(B);
    log(0).appendAsLeader(Batches.of(1, "c"), 1);
    log(0).advanceHighWatermark(1);
    directories.closeCleanly(1);

    assertThatThrownBy(() -> open(A, B))
        .hasMessageContainingAll(
            "/a (high watermark 2 in leader epoch 0)",
            "/b (high watermark 1 in leader epoch 1)",
            "the one in /b is the newer");
  }

  @Test
  void allDirectoriesBelongToTheSameCluster() {
    open(A, B).joinCluster("one");
    directories.closeCleanly(1);
    open(C).joinCluster("two");
    directories.closeCleanly(1);

    assertThat(open(A, B).clusterId()).hasValue("one");
    directories.closeCleanly(1);
    open(A, C);
    failsWith(
        ErrorCode.INCONSISTENT_CLUSTER_ID, "/c belongs", () -> directories.joinCluster("one"));
  }
}
