package io.highwater.log.salvage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.Batches;
import io.highwater.log.LogFixture;
import io.highwater.log.io.FileStorage;
import io.highwater.log.io.SimStorage;
import io.highwater.log.salvage.SegmentRest.DamagedBytes;
import io.highwater.log.segment.LogManifest;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Damage takes no more than it must: what lies around it is found, and never anything wrong. */
class LogSalvageTest {
  private static final int BATCHES = 60;
  private static final int RECORDS = 2 * BATCHES;

  private final LogFixture fixture = new LogFixture();
  private final Map<Long, ByteBuffer> truth = new LinkedHashMap<>();

  /** Positions of the batches that {@link #truth} has, by file. */
  private final Map<Path, Map<Integer, Long>> places = new LinkedHashMap<>();

  /** What a run found. */
  private static final class Found implements LogSalvage.Target {
    final Map<Long, ByteBuffer> batches = new LinkedHashMap<>();
    final List<Long> unreadable = new ArrayList<>();
    final List<SegmentRest> segments = new ArrayList<>();

    @Override
    public void batch(BatchView batch, long fromOffset, boolean readable) {
      ByteBuffer copy = ByteBuffer.allocate(batch.sizeInBytes());
      batch.buffer().getBytes(batch.offset(), copy, copy.capacity());
      batches.put(batch.baseOffset(), copy.flip());
      if (!readable) {
        unreadable.add(batch.baseOffset());
      }
    }

    List<DamagedBytes> damaged() {
      return segments.stream().flatMap(segment -> segment.damaged().stream()).toList();
    }

    List<Long> missing() {
      return offsets(segments.stream().flatMap(segment -> segment.missing().stream()).toList());
    }

    List<Long> intact() {
      return offsets(
          segments.stream().flatMap(segment -> segment.intact().offsets().stream()).toList());
    }

    private static List<Long> offsets(List<OffsetRange> ranges) {
      return ranges.stream()
          .flatMapToLong(range -> LongStream.rangeClosed(range.firstOffset(), range.lastOffset()))
          .boxed()
          .toList();
    }
  }

  @BeforeEach
  void write() throws IOException {
    fixture.open();
    for (int i = 0; i < BATCHES; i++) {
      fixture.append(Batches.produced(5, 0, 2 * i, "a" + i, "b" + i));
    }
    fixture.log.closeCleanly();
    BatchView batch = new BatchView();
    for (Path file : logs()) {
      byte[] bytes = fixture.storage.content(file);
      Map<Integer, Long> of = places.computeIfAbsent(file, path -> new LinkedHashMap<>());
      for (int at = 0; at < bytes.length; at += batch.sizeInBytes()) {
        batch.wrap(new UnsafeBuffer(bytes), at);
        truth.put(batch.baseOffset(), ByteBuffer.wrap(bytes, at, batch.sizeInBytes()).slice());
        of.put(at, batch.baseOffset());
      }
    }
    assertThat(truth).hasSize(BATCHES);
    assertThat(places).hasSizeGreaterThan(2);
  }

  private List<Path> logs() {
    return fixture.storage.files(file -> file.toString().endsWith(".log"));
  }

  private static Found salvage(SimStorage storage) throws IOException {
    Found found = new Found();
    LogSalvage.of(storage, LogFixture.DIRECTORY).run(found, found.segments::add);
    return found;
  }

  private SimStorage with(Path file, byte[] content) {
    SimStorage changed = fixture.storage.copy();
    changed.replace(file, content);
    return changed;
  }

  private static List<Long> range(long first, long end) {
    return LongStream.range(first, end).boxed().toList();
  }

  @Test
  void ofASoundLogEverythingIsFoundAndNothingChanged() throws IOException {
    SimStorage sound = fixture.storage.copy();

    Found found = salvage(sound);

    assertThat(found.batches).isEqualTo(truth);
    assertThat(found.damaged()).isEmpty();
    assertThat(found.missing()).isEmpty();
    assertThat(found.intact()).isEqualTo(range(0, RECORDS));
    assertThat(found.segments).hasSize(places.size());
    assertThat(found.segments.stream().mapToLong(segment -> segment.intact().records()).sum())
        .isEqualTo(RECORDS);
    assertThat(sound.operations()).isZero();
  }

  @Test
  void aFlippedByteTakesNoMoreThanItsBatchAndNothingWrongIsFound() throws IOException {
    for (Path file : places.keySet()) {
      byte[] sound = fixture.storage.content(file);
      for (int at = 0; at < sound.length; at += 3) {
        byte[] flipped = sound.clone();
        flipped[at] ^= (byte) (1 << (at % 8));
        long hit = batchAt(file, at);
        int inBatch = at - positionOf(file, hit);
        boolean isEpoch = inBatch >= BatchLayout.LEADER_EPOCH && inBatch < BatchLayout.MAGIC;

        Found found = salvage(with(file, flipped));

        Map<Long, ByteBuffer> expected = new LinkedHashMap<>(truth);
        Map<Long, ByteBuffer> batches = new LinkedHashMap<>(found.batches);
        // Nothing proves a leader epoch, and no record depends on it.
        expected.remove(hit);
        if (isEpoch) {
          batches.remove(hit);
        } else {
          assertThat(found.missing()).as("%s at %s", file, at).isEqualTo(range(hit, hit + 2));
          assertThat(found.damaged())
              .as("%s at %s", file, at)
              .singleElement()
              .satisfies(
                  damage -> {
                    assertThat(damage.position()).isEqualTo(positionOf(file, hit));
                    assertThat(damage.bytes()).isEqualTo(truth.get(hit).capacity());
                  });
        }
        assertThat(batches).as("%s at %s", file, at).isEqualTo(expected);
      }
    }
  }

  private long batchAt(Path file, int position) {
    return places.get(file).entrySet().stream()
        .filter(place -> place.getKey() <= position)
        .reduce((earlier, later) -> later)
        .orElseThrow()
        .getValue();
  }

  private int positionOf(Path file, long offset) {
    return places.get(file).entrySet().stream()
        .filter(place -> place.getValue() == offset)
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  @Test
  void zerosOverSeveralBatchesTakeOnlyThose() throws IOException {
    Path file = logs().get(1);
    List<Integer> starts = List.copyOf(places.get(file).keySet());
    byte[] zeroed = fixture.storage.content(file);
    Arrays.fill(zeroed, starts.get(3) + 1, starts.get(6) + 30, (byte) 0);
    long first = places.get(file).get(starts.get(3));

    Found found = salvage(with(file, zeroed));

    assertThat(found.batches).hasSize(BATCHES - 4);
    assertThat(found.missing()).isEqualTo(range(first, first + 8));
    assertThat(found.damaged())
        .singleElement()
        .satisfies(
            damage -> {
              assertThat(damage.position()).isEqualTo((long) starts.get(3));
              assertThat(damage.position() + damage.bytes()).isEqualTo((long) starts.get(7));
            });
  }

  @Test
  void aSegmentThatIsGoneOrCutIsMissingOffsets() throws IOException {
    Path second = logs().get(1);
    long base = places.get(second).get(0);
    long end = base + 2L * places.get(second).size();
    SimStorage without = fixture.storage.copy();
    without.deleteIfExists(second);

    assertThat(salvage(without).missing()).isEqualTo(range(base, end));

    int half = List.copyOf(places.get(second).keySet()).get(4);
    Found cut = salvage(with(second, Arrays.copyOf(fixture.storage.content(second), half)));
    assertThat(cut.missing()).isEqualTo(range(base + 8, end));
    assertThat(cut.intact()).hasSize(RECORDS - (int) (end - base - 8));
  }

  @Test
  void whereBatchesWereTakenOutTheOthersAreFound() throws IOException {
    Path file = logs().get(1);
    List<Integer> starts = List.copyOf(places.get(file).keySet());
    byte[] sound = fixture.storage.content(file);
    int removed = starts.get(4) - starts.get(2);
    byte[] shorter = Arrays.copyOf(sound, sound.length - removed);
    System.arraycopy(sound, starts.get(4), shorter, starts.get(2), sound.length - starts.get(4));
    long first = places.get(file).get(starts.get(2));

    Found found = salvage(with(file, shorter));

    assertThat(found.batches).hasSize(BATCHES - 2);
    assertThat(found.missing()).isEqualTo(range(first, first + 4));
  }

  @Test
  void anotherPartitionsSegmentIsNotPassedOff() throws IOException {
    LogFixture other = new LogFixture();
    other.open();
    for (int i = 0; i < BATCHES; i++) {
      other.append(Batches.produced(9, 0, 2 * i, "c" + i, "d" + i));
    }
    other.log.closeCleanly();
    Path file = logs().get(1);

    Found found = salvage(with(file, other.storage.content(file)));

    assertThat(truth).containsAllEntriesOf(found.batches);
    assertThat(found.damaged())
        .singleElement()
        .satisfies(damage -> assertThat(damage.what()).contains("written"));
    assertThat(found.batches).hasSize(BATCHES - places.get(file).size());
  }

  @Test
  void whatWasDeletedStaysDeleted() throws IOException {
    fixture.open();
    fixture.log.advanceHighWatermark(RECORDS);
    fixture.log.advanceLogStart(5);
    fixture.log.closeCleanly();
    LogManifest manifest = LogManifest.read(fixture.storage, LogFixture.DIRECTORY).orElseThrow();
    assertThat(manifest.logStart()).isEqualTo(5);

    Found found = salvage(fixture.storage);

    assertThat(found.intact()).isEqualTo(range(5, RECORDS));
    assertThat(found.missing()).isEmpty();
  }

  @Test
  void aBatchThatIsSoundOutsideOnlyIsNamed() throws IOException {
    LogFixture log = new LogFixture();
    log.open();
    log.append(Batches.of(1, "before"));
    ByteBuffer garbage = Batches.of(1, "x", "y");
    garbage.putShort(BatchLayout.ATTRIBUTES, (short) Codec.GZIP.id());
    CRC32C crc = new CRC32C();
    crc.update(garbage.duplicate().position(BatchLayout.ATTRIBUTES));
    garbage.putInt(BatchLayout.CRC, (int) crc.getValue());
    log.log.appendAsFollower(Batches.stamped(garbage, 1, 0), 1, 0);
    log.append(Batches.of(1, "behind"));
    log.log.closeCleanly();

    Found found = salvage(log.storage);

    assertThat(found.batches.keySet()).containsExactly(0L, 1L, 3L);
    assertThat(found.unreadable).containsExactly(1L);
    assertThat(found.intact()).containsExactly(0L, 3L);
    assertThat(found.damaged()).isEmpty();
    assertThat(found.missing()).isEmpty();
    assertThat(found.segments.get(0).unreadable())
        .singleElement()
        .satisfies(batch -> assertThat(batch.offsets()).isEqualTo(new OffsetRange(1, 2)));
  }

  @Test
  @Timeout(60)
  void bytesThatOnlyLookLikeBatchesCostABoundedSearch() throws IOException {
    Path file = logs().get(logs().size() - 1);
    byte[] sound = fixture.storage.content(file);
    int first = List.copyOf(places.get(file).keySet()).get(1);
    ByteBuffer hostile = ByteBuffer.allocate(24 << 20);
    hostile.put(sound, 0, first);
    ByteBuffer header = truth.get(places.get(file).get(first));
    while (hostile.remaining() >= BatchLayout.HEADER_BYTES) {
      int at = hostile.position();
      hostile.put(header.duplicate().limit(BatchLayout.HEADER_BYTES));
      int rest = hostile.capacity() - at;
      hostile.putInt(at + BatchLayout.BATCH_LENGTH, rest - BatchLayout.LENGTH_OVERHEAD);
    }

    Found found = salvage(with(file, hostile.array()));

    assertThat(found.batches).hasSize(BATCHES - places.get(file).size() + 1);
    assertThat(found.damaged())
        .singleElement()
        .satisfies(damage -> assertThat(damage.what()).contains("given up"));
  }

  @Test
  void aLinkOrAnyOtherDirectoryIsRefused(@TempDir Path root) throws IOException {
    Path partition = Files.createDirectory(root.resolve("t-0"));
    Files.createFile(partition.resolve("00000000000000000000.log"));
    Path link = Files.createSymbolicLink(root.resolve("t-1"), partition);
    assertThat(LogSalvage.of(new FileStorage(), partition).partition()).isPresent();
    for (Path other : List.of(link, root, root.resolve("none"))) {
      assertThatThrownBy(() -> LogSalvage.of(new FileStorage(), other))
          .isInstanceOfSatisfying(
              HighwaterException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
    }
  }

  @Test
  void aFileThatIsALinkIsNotFollowed(@TempDir Path root) throws IOException {
    Path secret = Files.write(root.resolve("secret"), truth.get(0L).array());
    Path partition = Files.createDirectory(root.resolve("t-0"));
    Files.createSymbolicLink(partition.resolve("00000000000000000000.log"), secret);

    LogSalvage salvage = LogSalvage.of(new FileStorage(), partition);

    assertThatThrownBy(() -> salvage.run(new Found(), rest -> {})).isInstanceOf(IOException.class);
  }
}
