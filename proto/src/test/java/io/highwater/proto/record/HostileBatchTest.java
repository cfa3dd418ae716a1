package io.highwater.proto.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.Batches.Entry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.xerial.snappy.Snappy;

/** INP-1: no bytes crash, hang or bloat a reader; memory follows bytes received. */
class HostileBatchTest {
  private static final long MODEST_BYTES = 2 * 1024 * 1024;

  private final RecordCursor cursor = new RecordCursor();
  private final BatchValidator validator = new BatchValidator();

  @Property(tries = 3000)
  void randomBytesNeverThrowAnythingUnnamed(
      @ForAll byte[] noise, @ForAll @IntRange(max = 7) int attributes) {
    byte[] batch = Batches.small(Codec.NONE);
    byte[] hostile = Batches.withRecords(batch, Codec.NONE, noise);
    hostile[BatchLayout.ATTRIBUTES + 1] = (byte) attributes;
    Batches.resealed(hostile);

    readAll(noise);
    readAll(hostile);
  }

  @Property(tries = 3000)
  void damagedContentNeverThrowsAnythingUnnamed(
      @ForAll Codec codec, @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int flips) {
    byte[] batch = Batches.small(codec);
    Random random = new Random(seed);
    for (int i = 0; i < flips; i++) {
      int at = BatchLayout.ATTRIBUTES + random.nextInt(batch.length - BatchLayout.ATTRIBUTES);
      batch[at] = (byte) random.nextInt();
    }

    readAll(Batches.resealed(batch));
  }

  /** Records of the usual shape have a quicker check and walk: they must say the same. */
  @Property(tries = 5000)
  void usualRecordsAreJudgedAndReadAsAnyOther(
      @ForAll long seed, @ForAll @IntRange(max = 3) int changes) {
    Random random = new Random(seed);
    BatchBuilder builder = new BatchBuilder(Codec.NONE, 1 << 16);
    for (int i = random.nextInt(200); i >= 0; i--) {
      byte[] key = random.nextInt(3) == 0 ? null : new byte[random.nextInt(80)];
      byte[] value = random.nextInt(8) == 0 ? null : new byte[random.nextInt(200)];
      long timestamp =
          Math.max(0, 5000 + random.nextInt(100) - (random.nextInt(9) == 0 ? 4990 : 0));
      List<RecordHeader> headers =
          random.nextInt(6) == 0 ? List.of(new RecordHeader("h", null)) : List.of();
      builder.tryAppend(timestamp, key, value, headers);
    }
    byte[] batch = new byte[builder.sizeInBytes()];
    builder.build().get(batch);
    for (int i = 0; i < changes; i++) {
      int at = BatchLayout.RECORDS + random.nextInt(batch.length - BatchLayout.RECORDS);
      batch[at] = (byte) (random.nextBoolean() ? random.nextInt() : batch[at] ^ 1);
    }
    Batches.resealed(batch);
    // Without an array behind the buffer, every record goes the long way.
    ByteBuffer direct = ByteBuffer.allocateDirect(batch.length).put(batch).flip();
    assertThat(verdict(new UnsafeBuffer(batch))).isEqualTo(verdict(new UnsafeBuffer(direct)));
    assertThat(recordsOf(new UnsafeBuffer(batch))).isEqualTo(recordsOf(new UnsafeBuffer(direct)));
  }

  private String recordsOf(UnsafeBuffer batch) {
    StringBuilder records = new StringBuilder();
    try {
      cursor.wrap(batch, 0);
      while (cursor.next()) {
        List<?> fields =
            Arrays.asList(
                cursor.offset(),
                cursor.timestamp(),
                cursor.timestampEnd(),
                cursor.sizeInBytes(),
                cursor.bodyOffset(),
                cursor.bodyLength(),
                cursor.keyOffset(),
                cursor.keyLength(),
                cursor.valueOffset(),
                cursor.valueLength(),
                cursor.headers());
        records.append(fields);
      }
    } catch (HighwaterException e) {
      records.append(e);
    }
    return records.toString();
  }

  private String verdict(UnsafeBuffer batch) {
    try {
      validator.validate(batch, 0, batch.capacity(), 1 << 20, false);
      return "sound";
    } catch (HighwaterException e) {
      return e.toString();
    }
  }

  @ParameterizedTest
  @EnumSource(value = Codec.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void undecodableContentIsCorrupt(Codec codec) {
    byte[] batch = Batches.withRecords(Batches.small(codec), codec, new byte[40]);

    assertCode(batch, ErrorCode.CORRUPT_MESSAGE);
  }

  @ParameterizedTest
  @EnumSource(value = Codec.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void cutContentIsCorrupt(Codec codec) {
    byte[] whole = Batches.small(codec);
    for (int cut = BatchLayout.HEADER_BYTES + 1; cut < whole.length; cut++) {
      byte[] batch = Batches.resealed(Arrays.copyOf(whole, cut));
      if (codec == Codec.LZ4 && cut >= whole.length - Integer.BYTES) {
        // All records are there; only the end mark is not.
        continue;
      }
      assertCode(batch, ErrorCode.CORRUPT_MESSAGE);
    }
  }

  @ParameterizedTest
  @EnumSource(value = Codec.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void batchThatInflatesBeyondTheBoundIsNamed(Codec codec) throws IOException {
    byte[] batch = Batches.of(codec, List.of(new Entry(1, null, new byte[500_000], List.of())));
    try (RecordCursor bounded = new RecordCursor(499_999)) {
      assertThatThrownBy(() -> Batches.entries(bounded, batch))
          .isInstanceOfSatisfying(
              HighwaterException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE));
      assertThat(bounded.next()).isFalse();
    }
    assertThat(Batches.entries(new RecordCursor(501_000), batch)).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    // A record that claims 1 GiB.
    "NONE, 80808080 08 00000000",
    // A snappy block, framed, that claims to inflate to 1 GiB.
    "SNAPPY, 82534e4150505900 00000001 00000001 00000007 8080808004 0000",
    // The same, a bare block.
    "SNAPPY, 8080808004 0000",
    // A snappy block that claims to be 1 GiB long.
    "SNAPPY, 82534e4150505900 00000001 00000001 40000000 0000",
    // An lz4 frame with blocks of 4 MiB and a block that claims 4 MiB.
    "LZ4, 04224d18 60 70 73 00004000 0000",
    // A zstd frame with a window of 2 GiB (descriptor 0xa8), content size unknown.
    "ZSTD, 28b52ffd 00 a8 0100 00",
    // A zstd frame that declares 1 GiB of content in one segment.
    "ZSTD, 28b52ffd a0 00000040 010000"
  })
  void declaredSizesAllocateNothing(Codec codec, String records) {
    byte[] content = HexFormat.of().parseHex(records.replace(" ", ""));
    byte[] batch = Batches.withRecords(Batches.small(Codec.NONE), codec, content);
    // Warm, so that class loading and pooled buffers are not counted.
    assertCode(batch, ErrorCode.CORRUPT_MESSAGE);
    long before = allocatedBytes();

    assertCode(batch, ErrorCode.CORRUPT_MESSAGE);

    assertThat(allocatedBytes() - before).isLessThan(MODEST_BYTES);
  }

  @Test
  void recordOfACompressedBatchThatClaimsTooMuchAllocatesNothing() throws IOException {
    byte[] claim = HexFormat.of().parseHex("808080800800000000");
    for (Codec codec : Codec.values()) {
      DeflatedBytes compressed = new DeflatedBytes(64);
      Compression.deflate(codec, claim, 0, claim.length, compressed);
      byte[] batch =
          Batches.withRecords(Batches.small(Codec.NONE), codec, compressed.toByteArray());
      long before = allocatedBytes();

      assertCode(batch, ErrorCode.CORRUPT_MESSAGE);

      assertThat(allocatedBytes() - before).isLessThan(MODEST_BYTES);
    }
  }

  @Test
  void walkAllocatesNothingPerRecord() {
    BatchBuilder builder = new BatchBuilder(Codec.NONE, Batches.LIMIT);
    for (int i = 0; i < 10_000; i++) {
      builder.append(i, new byte[8], new byte[40], List.of());
    }
    UnsafeBuffer batch = new UnsafeBuffer(builder.build());
    for (int warmUp = 0; warmUp < 2; warmUp++) {
      validator.validate(batch, 0, batch.capacity(), Batches.LIMIT, false);
      walk(batch);
    }
    long before = allocatedBytes();

    validator.validate(batch, 0, batch.capacity(), Batches.LIMIT, false);
    walk(batch);

    assertThat(allocatedBytes() - before).isLessThan(10_000);
  }

  @Test
  void bareSnappyBlockOfOtherClientsIsRead() throws IOException {
    byte[] plain = Batches.small(Codec.NONE);
    byte[] records = Arrays.copyOfRange(plain, BatchLayout.HEADER_BYTES, plain.length);

    byte[] batch = Batches.withRecords(plain, Codec.SNAPPY, Snappy.compress(records));

    assertThat(Batches.entries(batch)).hasSize(3);
  }

  private void walk(UnsafeBuffer batch) {
    cursor.wrap(batch, 0);
    int keys = 0;
    while (cursor.next()) {
      keys += cursor.keyLength();
    }
    assertThat(keys).isEqualTo(80_000);
  }

  private void readAll(byte[] bytes) {
    UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    attempt(() -> validator.validate(buffer, 0, bytes.length, Batches.LIMIT, false));
    attempt(() -> validator.validateStored(buffer, 0, bytes.length));
    attempt(
        () -> {
          cursor.wrap(buffer, 0);
          while (cursor.next()) {
            assertThat(cursor.keyLength()).isGreaterThanOrEqualTo(-1);
            cursor.key();
            cursor.value();
            cursor.headers();
          }
        });
  }

  private static void attempt(Runnable call) {
    try {
      call.run();
    } catch (HighwaterException e) {
      assertThat(e.code()).isNotEqualTo(ErrorCode.UNKNOWN_SERVER_ERROR);
    }
  }

  private static void assertCode(byte[] batch, ErrorCode code) {
    assertThatThrownBy(() -> Batches.entries(batch))
        .isInstanceOfSatisfying(
            HighwaterException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private static long allocatedBytes() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return threads.getCurrentThreadAllocatedBytes();
  }
}
