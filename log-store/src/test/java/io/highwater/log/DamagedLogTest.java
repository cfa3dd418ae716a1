package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.io.SimStorage;
import io.highwater.log.io.Storage;
import io.highwater.log.recover.LastKnown;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Files that changed below a log: what is derived is made anew, anything else is a named error. The
 * whole table of damage is {@link DamageTest}.
 */
class DamagedLogTest {
  private final LogFixture fixture = new LogFixture();

  /** STO-4, STO-10: a running log never serves bytes that were changed below it. */
  @Test
  void aFlippedByteIsNeverServed() throws Exception {
    fixture.open().fill(0, 30);
    List<String> all = fixture.records();
    fixture.log.closeCleanly();
    fixture.checkpoint();
    LastKnown clean = new LastKnown(true, 60, 60, 0);
    Path first = LogFixture.DIRECTORY.resolve("00000000000000000000.log");
    byte[] bytes = fixture.storage.content(first);
    for (int at = 0; at < bytes.length; at++) {
      int mask = 1 << (at % 8);
      SimStorage damaged = fixture.storage.copy();
      byte[] flipped = bytes.clone();
      flipped[at] ^= (byte) mask;
      damaged.replace(first, flipped);
      LogFixture opened = LogFixture.on(damaged, clean).open();
      for (int offset : new int[] {0, 7, 40, 59}) {
        try {
          assertThat(opened.records(offset)).isEqualTo(all.subList(offset, 60));
        } catch (HighwaterException e) {
          assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
          assertThat(offset).as("byte %d", at).isNotEqualTo(59);
        }
      }
      assertThatThrownBy(() -> opened.records(0)).isInstanceOf(HighwaterException.class);
      assertThat(opened.log.damage()).isPresent();
    }
  }

  /** STO-10. */
  @Test
  void damageThatASearchByTimeFindsIsRemembered() throws Exception {
    fixture.open().fill(0, 3);
    Path tail = fixture.tailFile();
    byte[] bytes = fixture.storage.content(tail);
    bytes[70] ^= 1;
    fixture.storage.replace(tail, bytes);
    assertThatThrownBy(() -> fixture.log.offsetForTimestamp(1, Long.MAX_VALUE))
        .hasMessageContaining("fails its CRC");
    assertThat(fixture.log.damage()).isPresent();
  }

  /** INP-1: a damaged length may claim the rest of the segment; nobody allocates that. */
  @Test
  void aDamagedLengthIsNotAllocated() throws Exception {
    fixture.config = LogFixture.SMALL.withSegmentBytes(16 << 20).withMaxBatchBytes(1 << 20);
    fixture.open();
    for (int i = 0; i < 12; i++) {
      fixture.append(Batches.sized(1, 900_000));
    }
    fixture.log.flush();
    Path tail = fixture.tailFile();
    byte[] bytes = fixture.storage.content(tail);
    ByteBuffer.wrap(bytes).putInt(8, 9_000_000);
    fixture.storage.replace(tail, bytes);

    assertThatThrownBy(() -> fixture.log.read(0, Long.MAX_VALUE, ByteBuffer.allocate(1000)))
        .hasMessageContaining("a batch of 9000012 bytes fails its CRC");
    fixture.reopenAfterKill();
    assertThat(fixture.log.logEndOffset()).isZero();
    assertThat(fixture.log.recovery().problem())
        .isEqualTo("a batch of 9000012 bytes that its CRC does not bear out");
  }

  /** REC-3. */
  @Test
  void damageBelowTheRecoveryPointIsNotCut() throws Exception {
    fixture.open().fill(0, 30);
    fixture.log.flush();
    fixture.checkpoint();
    fixture.storage.killProcess();
    Path tail = fixture.tailFile();
    byte[] bytes = fixture.storage.content(tail);
    fixture.storage.replace(tail, Arrays.copyOf(bytes, bytes.length - 1));

    assertThatThrownBy(fixture::afterCrash)
        .isInstanceOf(HighwaterException.class)
        .hasMessageContaining("damaged below its recovery point")
        .satisfies(
            e ->
                assertThat(((HighwaterException) e).code())
                    .isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR));
    assertThat(fixture.storage.content(tail)).hasSize(bytes.length - 1);
    assertThat(fixture.health.isOffline()).isFalse();
  }

  /** STO-9: one damaged log is that log's error, by name. */
  @Test
  void aDamagedIntentionToResetIsNamed() throws Exception {
    fixture.open().fill(0, 3);
    fixture.storage.killProcess();
    Path intention = LogFixture.DIRECTORY.resolve("reset-to");
    fixture.storage.open(intention, Storage.OpenMode.CREATE).close();
    for (String text : List.of("", "5x", "-7", "99999999999999999999")) {
      fixture.storage.replace(intention, text.getBytes(StandardCharsets.US_ASCII));
      assertThatThrownBy(fixture::afterCrash)
          .isInstanceOf(HighwaterException.class)
          .hasMessageContaining("damaged reset-to file");
      assertThat(fixture.health.isOffline()).isFalse();
    }
    assertThat(fixture.storage.content(fixture.tailFile())).isNotEmpty();
  }

  /** REC-5: files gone below the recovery point are loss, not a new log. */
  @Test
  void aMissingSegmentBelowTheRecoveryPointIsNotSkipped() throws Exception {
    fixture.open().fill(0, 30);
    fixture.log.flush();
    fixture.checkpoint();
    fixture.storage.killProcess();
    fixture.storage.deleteIfExists(fixture.tailFile());
    assertThatThrownBy(fixture::afterCrash).hasMessageContaining("damaged below");
  }

  /** STO-5. */
  @Test
  void damagedIndexesChangeNoRead() throws Exception {
    fixture.open().fill(0, 60);
    List<String> all = fixture.records();
    fixture.log.closeCleanly();
    LastKnown clean = new LastKnown(true, 120, 0, 0);
    Random random = new Random(1);
    for (String name : fixture.storage.list(LogFixture.DIRECTORY)) {
      if (!name.endsWith("index") && !name.endsWith(".manifest")) {
        continue;
      }
      Path file = LogFixture.DIRECTORY.resolve(name);
      byte[] sound = fixture.storage.content(file);
      byte[] noise = sound.clone();
      random.nextBytes(noise);
      byte[][] damages = {
        null,
        new byte[0],
        Arrays.copyOf(sound, sound.length / 2),
        new byte[sound.length],
        noise,
        Arrays.copyOf(sound, sound.length + 8)
      };
      for (byte[] damage : damages) {
        SimStorage damaged = fixture.storage.copy();
        if (damage == null) {
          damaged.deleteIfExists(file);
        } else {
          damaged.replace(file, damage);
        }
        LogFixture opened = LogFixture.on(damaged, clean).open();
        for (int offset : new int[] {0, 33, 77, 119}) {
          assertThat(opened.records(offset)).isEqualTo(all.subList(offset, 120));
        }
        assertThat(opened.log.offsetForTimestamp(1001, Long.MAX_VALUE).orElseThrow().offset())
            .isEqualTo(1);
      }
    }
  }

  /** STO-9: an unreadable state file means unknown, and unknown is rebuilt. */
  @Test
  void aDamagedStateFileIsRebuiltFromTheLog() throws Exception {
    fixture.open().fill(0, 30);
    EpochHistory epochs = fixture.log.epochs();
    String producers = fixture.log.producers().all().toString();
    fixture.log.closeCleanly();
    LastKnown clean = new LastKnown(true, 60, 0, 0);
    for (String name : fixture.storage.list(LogFixture.DIRECTORY)) {
      if (name.endsWith(".log") || name.endsWith("index")) {
        continue;
      }
      Path file = LogFixture.DIRECTORY.resolve(name);
      for (int at = 0; at < fixture.storage.content(file).length; at++) {
        SimStorage damaged = fixture.storage.copy();
        byte[] flipped = fixture.storage.content(file);
        flipped[at] ^= 0x01;
        damaged.replace(file, flipped);
        LogFixture opened = LogFixture.on(damaged, clean).open();
        assertThat(opened.log.logEndOffset()).isEqualTo(60);
        assertThat(opened.log.epochs()).as(name).isEqualTo(epochs);
        assertThat(opened.log.producers().all()).as(name).hasToString(producers);
      }
    }
  }
}
