package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.compact.CompactionReport;
import io.highwater.log.io.SimStorage;
import io.highwater.log.read.ReadResult;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.verify.DirectoryVerifier;
import io.highwater.log.verify.Problem;
import io.highwater.log.verify.Verification;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  private static final Map<Boolean, SoundDirectory> TRUTHS =
      Map.of(true, new SoundDirectory(true), false, new SoundDirectory(false));

  static Stream<Arguments> table() {
    return Stream.of(true, false)
        .flatMap(
            clean ->
                Stream.of(FileKind.values())
                    .filter(kind -> clean || !kind.isOfAStop())
                    .flatMap(
                        kind ->
                            Stream.of(FileDamage.values())
                                .map(damage -> Arguments.of(clean, kind, damage))));
  }

  @ParameterizedTest(name = "clean stop: {0}, {1}: {2}")
  @MethodSource("table")
  void damageIsNamedOrMadeGood(boolean clean, FileKind kind, FileDamage damage) throws Exception {
    SoundDirectory truth = TRUTHS.get(clean);
    List<Path> files = truth.files(kind);
    assertThat(files).isNotEmpty();
    for (Path file : files) {
      for (Map<Path, byte[]> change : damage.changes(file, truth.storage, truth.older)) {
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

  /** Where nothing else would tell, the file is named before anybody asks for its bytes. */
  private static void verifierNames(
      SoundDirectory truth,
      SimStorage damaged,
      FileKind kind,
      FileDamage damage,
      Map<Path, byte[]> change)
      throws IOException {
    boolean plain =
        damage == FileDamage.FLIP || damage == FileDamage.ZERO_A_BLOCK || damage == FileDamage.CUT;
    if (kind.isOfAStop()
        || kind == FileKind.CHECKSUM_SIDECAR // Half of it is of the content before.
        || (kind == FileKind.ACTIVE_LOG && !truth.clean)) {
      return;
    }
    if (kind != FileKind.SEALED_LOG && (!plain || kind == FileKind.PARTITION_METADATA)) {
      return;
    }
    List<Problem> heard = new ArrayList<>();
    Verification found =
        new DirectoryVerifier(damaged, true, heard::add).verify(SoundDirectory.ROOT);
    assertThat(found.problems()).as("%s", change.keySet()).isNotEmpty().isEqualTo(heard);
  }

  private static void logIsSoundOrNamesTheDamage(
      SoundDirectory truth, SimStorage damaged, FileKind kind, Path file) {
    PartitionLog log;
    LogDirectory directory = null;
    boolean unowned = isManifestOfActive(truth, file) && isGone(damaged, file);
    boolean named = false;
    try {
      directory = SoundDirectory.opened(damaged);
      // CTL-5: by another id it would be another topic's, and set aside.
      assertThat(directory.partitions().get(SoundDirectory.T0))
          .isIn(Optional.of(SoundDirectory.ID), Optional.empty());
      assertThat(
              LogFixture.records(
                  directory.openOrCreate(SoundDirectory.T1, SoundDirectory.ID, LogFixture.SMALL),
                  0))
          .containsExactly("0:x");
      log = directory.openOrCreate(SoundDirectory.T0, SoundDirectory.ID, LogFixture.SMALL);
    } catch (HighwaterException e) {
      assertThat(kind.isData() || kind.isIdentity() || unowned).as("%s: %s", file, e).isTrue();
      assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
      assertThat(e).hasMessageContaining(kind.isData() || unowned ? ".log" : "data");
      if (directory != null) {
        assertThat(directory.health().isOffline()).isFalse();
      }
      return;
    }
    assertThat(log.logStartOffset()).as("%s", file).isEqualTo(SoundDirectory.START);
    assertThat(log.logEndOffset()).as("%s", file).isBetween(truth.flushed, truth.end);
    for (long offset = SoundDirectory.START; offset < log.logEndOffset(); offset++) {
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
    assertThat(unowned && truth.clean).as("%s", file).isFalse();
    boolean unflushed = (kind == FileKind.ACTIVE_LOG || unowned) && !truth.clean;
    if (!unflushed) {
      assertThat(log.epochs()).as("%s", file).isEqualTo(truth.epochs);
    }
    if (kind.isData()) {
      // Below the log start nobody reads; the verifier named it.
      boolean belowStart = SegmentFiles.path(SoundDirectory.LOG, 0, ".log").equals(file);
      // A second name past the end takes nothing away, and goes.
      boolean atTheEnd = log.logEndOffset() == truth.end && log.recovery().problem() != null;
      assertThat(named || unflushed || belowStart || atTheEnd)
          .as("%s %s", file, log.recovery())
          .isTrue();
    } else if (unowned) { // STO-11: after a crash it is kept beside the log.
      assertThat(damaged.files(path -> path.toString().endsWith(".log.stray"))).hasSize(1);
    } else {
      assertThat(named).as("%s", file).isFalse();
      assertThat(log.logEndOffset()).isEqualTo(truth.end);
      assertThat(log.producers().all()).as("%s", file).hasToString(truth.producers);
      assertThat(log.abortedTransactions(SoundDirectory.START, truth.end)).isEqualTo(truth.aborted);
    }
    if (kind == FileKind.CLEAN_SHUTDOWN) {
      assertThat(directory.cleanShutdownEpoch().orElse(-1))
          .isNotEqualTo(SoundDirectory.BROKER_EPOCH);
    }
  }

  private static boolean isManifestOfActive(SoundDirectory truth, Path file) {
    return file.toString().equals(truth.active.toString().replace(".log", ".manifest"));
  }

  private static boolean isGone(SimStorage damaged, Path file) {
    return !damaged.exists(file) || damaged.content(file).length == 0;
  }

  /** Where cleaning got to costs another cleaning at most. */
  private static void compactedIsSound(SoundDirectory truth, SimStorage damaged, FileKind kind) {
    if (kind == FileKind.CLEANER_CHECKPOINT) {
      PartitionLog log =
          SoundDirectory.opened(damaged.copy())
              .openOrCreate(SoundDirectory.COMPACTED, SoundDirectory.ID, SoundDirectory.COMPACT);
      assertThat(LogFixture.records(log, 0)).isEqualTo(truth.compacted);
      Optional<CompactionReport> unused = SoundDirectory.clean(log);
      assertThat(LogFixture.records(log, 0)).isEqualTo(truth.compacted);
      assertThat(log.damage()).isEmpty();
    }
  }

  /** REC-6. Without the file the log is what it was, and will be told again. */
  private static void resetIsDoneOrNamed(SimStorage damaged, FileKind kind, FileDamage damage) {
    if (kind != FileKind.RESET_INTENTION) {
      return;
    }
    LogDirectory directory = SoundDirectory.opened(damaged.copy());
    if (damage == FileDamage.DELETE) {
      assertThat(
              LogFixture.records(
                  directory.openOrCreate(SoundDirectory.RESET, SoundDirectory.ID, LogFixture.SMALL),
                  0))
          .containsExactly("0:y");
      return;
    }
    assertThatThrownBy(
            () -> directory.openOrCreate(SoundDirectory.RESET, SoundDirectory.ID, LogFixture.SMALL))
        .isInstanceOf(HighwaterException.class)
        .hasMessageContaining("damaged reset-to file");
    assertThat(directory.health().isOffline()).isFalse();
  }

  @Test
  void aSoundIntentionIsCarriedOut() {
    PartitionLog log =
        SoundDirectory.opened(TRUTHS.get(true).storage.copy())
            .openOrCreate(SoundDirectory.RESET, SoundDirectory.ID, LogFixture.SMALL);
    assertThat(log.logStartOffset()).isEqualTo(SoundDirectory.RESET_OFFSET);
    assertThat(log.logEndOffset()).isEqualTo(SoundDirectory.RESET_OFFSET);
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
    for (SoundDirectory truth : TRUTHS.values()) {
      SimStorage sound = truth.storage.copy();
      Verification found =
          new DirectoryVerifier(sound, true, problem -> {}).verify(SoundDirectory.ROOT);
      assertThat(found.problems()).isEmpty();
      assertThat(found.partitions()).isEqualTo(4);
      assertThat(found.batches()).isGreaterThan(105);
      assertThat(
              new DirectoryVerifier(sound, true, problem -> {})
                  .verify(SoundDirectory.LOG)
                  .batches())
          .isEqualTo(103);
      assertThat(sound.operations()).isZero();
    }
    assertThatThrownBy(
            () ->
                new DirectoryVerifier(TRUTHS.get(true).storage, true, problem -> {})
                    .verify(SoundDirectory.ROOT.getParent()))
        .hasMessageContaining("no data directory");
  }
}
