package io.highwater.log.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.LogFixture;
import io.highwater.log.OffsetAtTimestamp;
import io.highwater.log.PartitionLog;
import io.highwater.log.read.LogSlice;
import io.highwater.log.read.ReadResult;
import io.highwater.proto.HighwaterException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The ways to read a compacted log, and what its neighbours tell of a damaged batch header. */
class CompactedReadTest {
  private static final Path FIRST = LogFixture.DIRECTORY.resolve("00000000000000000000.log");
  private final KeyedLog keyed = new KeyedLog();
  private List<Integer> batches;

  @BeforeEach
  void compact() {
    for (int i = 0; i < 90; i++) {
      keyed.append((i % 3 == 0 ? "own" + i : "often") + "=" + i);
    }
    keyed.roll();
    keyed.clean();
    keyed.append("tail=1");
    keyed.fixture.log.advanceHighWatermark(keyed.fixture.log.logEndOffset());
    batches = positions(keyed.fixture.storage.content(FIRST));
    assertThat(batches).hasSizeGreaterThan(8);
  }

  private static List<Integer> positions(byte[] log) {
    List<Integer> found = new ArrayList<>();
    for (int at = 0; at < log.length; at += 12 + ByteBuffer.wrap(log).getInt(at + 8)) {
      found.add(at);
    }
    return found;
  }

  /** Reads on from an offset and returns where to go on. */
  private interface Reading {
    long from(PartitionLog log, long offset, int maxBytes, List<String> into);
  }

  private static long read(PartitionLog log, long offset, int maxBytes, List<String> into) {
    ByteBuffer buffer = ByteBuffer.allocate(maxBytes);
    ReadResult result = log.read(offset, Long.MAX_VALUE, buffer);
    into.addAll(LogFixture.decode(buffer.flip()));
    return result.endOffset();
  }

  private static long slice(PartitionLog log, long offset, int maxBytes, List<String> into) {
    try (LogSlice slice = log.slice(offset, Long.MAX_VALUE, maxBytes).orElseThrow()) {
      ByteBuffer bytes = ByteBuffer.allocate(slice.bytes());
      slice.read(0, bytes);
      into.addAll(LogFixture.decode(bytes.flip()));
      return slice.endOffset();
    }
  }

  private static List<String> all(PartitionLog log, Reading reading, int maxBytes) {
    List<String> found = new ArrayList<>();
    long next = 0;
    while (next < log.logEndOffset()) {
      next = reading.from(log, next, maxBytes, found);
    }
    return found;
  }

  @Test
  void slicesAreWhatReadsAre() {
    PartitionLog log = keyed.fixture.log;
    List<String> all = all(log, CompactedReadTest::read, 4096);
    for (int maxBytes : new int[] {500, 900, 1 << 20}) {
      assertThat(all(log, CompactedReadTest::slice, maxBytes)).isEqualTo(all);
    }
    for (long offset = 0; offset < log.logEndOffset(); offset++) {
      List<String> read = new ArrayList<>();
      List<String> sliced = new ArrayList<>();
      read(log, offset, 1 << 20, read);
      slice(log, offset, 1 << 20, sliced);
      assertThat(sliced).isEqualTo(read);
    }
  }

  static Stream<Reading> readings() {
    return Stream.of(CompactedReadTest::read, CompactedReadTest::slice);
  }

  /**
   * STO-4: with gaps a base offset that is too great looks like one more of them. It ends behind
   * where the next batch begins.
   */
  @ParameterizedTest
  @MethodSource("readings")
  void aBaseOffsetThatOverlapsItsNeighbourIsNeverServed(Reading reading) {
    List<String> all = all(keyed.fixture.log, reading, 4096);
    byte[] sound = keyed.fixture.storage.content(FIRST);
    for (int position : batches) {
      for (int bit : new int[] {12, 20, 40, 62}) {
        byte[] flipped = sound.clone();
        flipped[position + 7 - bit / 8] ^= (byte) (1 << (bit % 8));
        LogFixture damaged = new LogFixture(keyed.fixture.storage.copy());
        damaged.storage.replace(FIRST, flipped);
        damaged.config = KeyedLog.SMALL;
        damaged.known = keyed.fixture.checkpoint().known;
        PartitionLog log;
        try {
          log = damaged.open().log;
        } catch (HighwaterException e) {
          continue; // The opening looked at it.
        }
        List<String> found = new ArrayList<>();
        long next = 0;
        try {
          while (next < log.logEndOffset()) {
            next = reading.from(log, next, 700, found);
          }
          assertThat(position).as("found out").isNegative();
        } catch (HighwaterException e) {
          assertThat(e).hasMessageContaining("damaged in segment 0");
          assertThat(found).isEqualTo(all.subList(0, found.size()));
          assertThat(log.damage()).isPresent();
        }
      }
    }
  }

  /** STO-4. */
  @Test
  void aTimeNeverLeadsToABatchThatOverlapsItsNeighbour() {
    PartitionLog log = keyed.fixture.log;
    byte[] sound = keyed.fixture.storage.content(FIRST);
    for (int position : batches) {
      long timestamp = ByteBuffer.wrap(sound).getLong(position + 27);
      keyed.fixture.storage.replace(FIRST, sound);
      Optional<OffsetAtTimestamp> found = log.offsetForTimestamp(timestamp, Long.MAX_VALUE);
      assertThat(found).isPresent();
      byte[] flipped = sound.clone();
      flipped[position + 6] ^= 1;
      keyed.fixture.storage.replace(FIRST, flipped);
      try {
        assertThat(log.offsetForTimestamp(timestamp, Long.MAX_VALUE)).isEqualTo(found);
      } catch (HighwaterException e) {
        assertThat(e).hasMessageContaining("damaged in segment 0");
      }
    }
  }
}
