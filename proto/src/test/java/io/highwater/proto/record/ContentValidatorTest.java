package io.highwater.proto.record;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** STO-3: what is accepted is readable, whatever the codec and whoever compressed it. */
class ContentValidatorTest {
  private static final int LIMIT = 1 << 20;
  private static final long BASE_TIMESTAMP = 1_700_000_000_000L;

  private final BatchValidator plain = new BatchValidator();
  private final ContentValidator content = new ContentValidator(LIMIT);

  /** Passes every record by and by, as a small window would a large one. */
  private final ContentValidator passing = new ContentValidator(LIMIT, 0);

  @Property(tries = 300)
  void soundBatchesPass(@ForAll Framing framing, @ForAll long seed) throws IOException {
    byte[] batch = framing.compressed(records(new Random(seed)));

    assertThat(verdict(content, batch)).isEqualTo("sound");
    assertThat(verdict(passing, batch)).isEqualTo("sound");
  }

  /** Whatever is wrong inside is wrong without a codec, too. */
  @Property(tries = 2000)
  void compressedRecordsAreJudgedAsPlainOnesAre(
      @ForAll Framing framing,
      @ForAll long seed,
      @ForAll @IntRange(max = 3) int changes,
      @ForAll boolean keysRequired)
      throws IOException {
    Random random = new Random(seed);
    byte[] uncompressed = changed(records(random), changes, random);
    byte[] batch = framing.compressed(uncompressed);
    String expected = verdict(uncompressed, keysRequired);

    assertThat(verdict(content, batch, keysRequired)).isEqualTo(expected);
    assertThat(verdict(passing, batch, keysRequired)).isEqualTo(expected);
    if (expected.equals("sound")) {
      assertThat(Batches.entries(batch)).isEqualTo(Batches.entries(uncompressed));
    }
  }

  @Property(tries = 1000)
  void whatIsLookedIntoInStepsIsJudgedAsInOneGo(
      @ForAll Framing framing,
      @ForAll long seed,
      @ForAll @IntRange(max = 2) int changes,
      @ForAll @IntRange(min = 1, max = 200_000) int stepBytes)
      throws IOException {
    Random random = new Random(seed);
    byte[] batch = changed(framing.compressed(records(random)), changes, random);

    assertThat(verdictInSteps(content, batch, stepBytes)).isEqualTo(verdict(content, batch));
    assertThat(verdictInSteps(passing, batch, stepBytes)).isEqualTo(verdict(passing, batch));
  }

  @Property(tries = 3000)
  void changedBytesOfACodecAreRefusedOrCanBeRead(
      @ForAll Framing framing, @ForAll long seed, @ForAll @IntRange(min = 1, max = 3) int changes)
      throws IOException {
    Random random = new Random(seed);
    byte[] batch = changed(framing.compressed(records(random)), changes, random);

    if (verdict(content, batch).equals("sound")) {
      assertThat(Batches.entries(batch)).hasSize(countOf(batch));
    }
  }

  @Property(tries = 500)
  void aStreamCutShortIsRefused(@ForAll Framing framing, @ForAll long seed) throws IOException {
    Random random = new Random(seed);
    byte[] whole = framing.compressed(records(random));
    int length = BatchLayout.HEADER_BYTES + 1;
    byte[] cut = Arrays.copyOf(whole, length + random.nextInt(whole.length - length));

    assertThat(verdict(content, Batches.resealed(cut))).startsWith("INVALID_RECORD");
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void whatFollowsTheStreamIsRefused(Framing framing) throws IOException {
    byte[] batch = framing.compressed(records(new Random(1)));

    for (int more : new int[] {1, 7, 100}) {
      byte[] longer = Batches.resealed(Arrays.copyOf(batch, batch.length + more));
      assertThat(verdict(content, longer)).startsWith("INVALID_RECORD");
    }
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void aHeaderThatLiesIsRefused(Framing framing) throws IOException {
    byte[] batch = framing.compressed(records(new Random(1)));
    int count = countOf(batch);

    for (int lie : new int[] {count - 1, count + 1, 1}) {
      UnsafeBuffer lying = new UnsafeBuffer(batch.clone());
      lying.putInt(BatchLayout.RECORD_COUNT, lie, BIG_ENDIAN);
      lying.putInt(BatchLayout.LAST_OFFSET_DELTA, lie - 1, BIG_ENDIAN);
      assertThat(verdict(content, lying.byteArray())).startsWith("INVALID_RECORD");
    }
    UnsafeBuffer late = new UnsafeBuffer(batch.clone());
    long maxTimestamp = late.getLong(BatchLayout.MAX_TIMESTAMP, BIG_ENDIAN);
    late.putLong(BatchLayout.MAX_TIMESTAMP, maxTimestamp + 1, BIG_ENDIAN);
    assertThat(verdict(content, late.byteArray()))
        .isEqualTo(
            "INVALID_RECORD: max timestamp "
                + (maxTimestamp + 1)
                + ", the records' is "
                + maxTimestamp);
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void aRecordWithoutKeyIsRefusedWhereKeysAreRequired(Framing framing) throws IOException {
    BatchBuilder builder = new BatchBuilder(Codec.NONE, LIMIT);
    builder.append(BASE_TIMESTAMP, new byte[1], new byte[1000], List.of());
    builder.append(BASE_TIMESTAMP, null, new byte[1000], List.of());
    byte[] batch = framing.compressed(Batches.bytes(builder.build()));

    assertThat(verdict(content, batch, false)).isEqualTo("sound");
    assertThat(verdict(content, batch, true)).isEqualTo("INVALID_RECORD");
    assertThat(verdict(passing, batch, true)).isEqualTo("INVALID_RECORD");
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void theLimitIsThatOfReaders(Framing framing) throws IOException {
    for (int valueBytes : new int[] {LIMIT - 30, LIMIT}) {
      BatchBuilder builder = new BatchBuilder(Codec.NONE, 2 * LIMIT);
      builder.append(BASE_TIMESTAMP, null, new byte[valueBytes], List.of());
      byte[] batch = framing.compressed(Batches.bytes(builder.build()));
      try (RecordCursor reader = new RecordCursor(LIMIT)) {
        if (valueBytes < LIMIT) {
          assertThat(verdict(content, batch)).isEqualTo("sound");
          assertThat(Batches.entries(reader, batch)).hasSize(1);
        } else {
          assertThat(verdict(content, batch)).startsWith("MESSAGE_TOO_LARGE");
          assertThatThrownBy(() -> Batches.entries(reader, batch))
              .isInstanceOfSatisfying(
                  HighwaterException.class,
                  e -> assertThat(e.code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE));
        }
      }
    }
  }

  /** F4: a record of 100 MB in 413 kB must not cost a broker more than a window. */
  @Test
  void aHugeRecordIsJudgedInAWindow() throws IOException {
    byte[] hidden = hugeLz4Record(100_000_000);
    byte[] batch = Batches.withRecords(Batches.small(Codec.NONE), Codec.LZ4, hidden);
    UnsafeBuffer header = new UnsafeBuffer(batch);
    header.putInt(BatchLayout.RECORD_COUNT, 1, BIG_ENDIAN);
    header.putInt(BatchLayout.LAST_OFFSET_DELTA, 0, BIG_ENDIAN);
    try (ContentValidator usual = new ContentValidator()) {
      verdict(usual, Framing.LZ4_64K.compressed(records(new Random(1))));
      long before = allocatedBytes();

      assertThat(verdict(usual, batch)).startsWith("MESSAGE_TOO_LARGE");

      assertThat(allocatedBytes() - before).isLessThan(1 << 20);
    }
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void aBatchThatWasGivenUpHalfWayLeavesNothingToTheNext(Framing framing) throws IOException {
    BatchBuilder large = new BatchBuilder(Codec.NONE, LIMIT);
    byte[] value = new byte[150_000];
    new Random(3).nextBytes(value);
    large.append(BASE_TIMESTAMP, null, new byte[1], List.of());
    large.append(BASE_TIMESTAMP, null, value, List.of());
    BatchBuilder small = new BatchBuilder(Codec.NONE, LIMIT);
    small.append(BASE_TIMESTAMP, "key".getBytes(UTF_8), new byte[1], List.of());

    assertThat(verdict(content, framing.compressed(Batches.bytes(large.build())), true))
        .isEqualTo("INVALID_RECORD");
    assertThat(verdict(content, framing.compressed(Batches.bytes(small.build())), true))
        .isEqualTo("sound");
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void batchesCostNoMemoryOnceTheValidatorIsWarm(Framing framing) throws IOException {
    byte[] batch = framing.compressed(records(new Random(7)));
    UnsafeBuffer buffer = new UnsafeBuffer(batch);
    long least = Long.MAX_VALUE; // The first ones load classes, and any may be compiled meanwhile.
    for (int i = 0; i < 10; i++) {
      long before = allocatedBytes();
      content.validate(buffer, 0, false);
      least = Math.min(least, allocatedBytes() - before);
    }

    assertThat(least).isLessThan(1000);
  }

  /** A record of zeros, by hand: its plain bytes would not fit the heap of a small broker. */
  private static byte[] hugeLz4Record(int valueBytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (var frame =
        new net.jpountz.lz4.LZ4FrameOutputStream(
            out,
            net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE.SIZE_4MB,
            net.jpountz.lz4.LZ4FrameOutputStream.FLG.Bits.BLOCK_INDEPENDENCE)) {
      byte[] start = new byte[32];
      int at = Varints.put(start, 0, valueBytes + 9L);
      at = Varints.put(start, at + 1, 0);
      at = Varints.put(start, at, 0);
      at = Varints.put(start, at, -1);
      at = Varints.put(start, at, valueBytes);
      frame.write(start, 0, at);
      byte[] zeros = new byte[1 << 20];
      for (int left = valueBytes + 1; left > 0; left -= zeros.length) {
        frame.write(zeros, 0, Math.min(left, zeros.length));
      }
    }
    return out.toByteArray();
  }

  private String verdict(byte[] uncompressed, boolean keysRequired) {
    try {
      plain.validate(
          new UnsafeBuffer(uncompressed), 0, uncompressed.length, 2 * LIMIT, keysRequired);
      return "sound";
    } catch (HighwaterException e) {
      return e.code().name();
    }
  }

  private static String verdict(ContentValidator validator, byte[] batch, boolean keysRequired) {
    return verdictInFull(validator, batch, keysRequired).replaceAll(":.*", "");
  }

  private static String verdict(ContentValidator validator, byte[] batch) {
    return verdictInFull(validator, batch, false);
  }

  private static String verdictInFull(
      ContentValidator validator, byte[] batch, boolean keysRequired) {
    try {
      validator.validate(new UnsafeBuffer(batch), 0, keysRequired);
      return "sound";
    } catch (HighwaterException e) {
      return e.code() + ": " + e.getMessage();
    }
  }

  private static String verdictInSteps(ContentValidator validator, byte[] batch, int stepBytes) {
    try {
      validator.begin(new UnsafeBuffer(batch), 0, false);
      for (int steps = 0; !validator.advance(stepBytes); steps++) {
        assertThat(steps).as("steps").isLessThanOrEqualTo(LIMIT / stepBytes);
      }
      return "sound";
    } catch (HighwaterException e) {
      return e.code() + ": " + e.getMessage();
    }
  }

  private static byte[] changed(byte[] batch, int changes, Random random) {
    for (int i = 0; i < changes; i++) {
      int at = BatchLayout.RECORDS + random.nextInt(batch.length - BatchLayout.RECORDS);
      batch[at] = (byte) (random.nextBoolean() ? random.nextInt() : batch[at] ^ 1);
    }
    return Batches.resealed(batch);
  }

  private static int countOf(byte[] batch) {
    return new BatchView().wrap(new UnsafeBuffer(batch), 0).recordCount();
  }

  /** Some records of all shapes, a few of them large. */
  private static byte[] records(Random random) {
    BatchBuilder builder = new BatchBuilder(Codec.NONE, LIMIT);
    int count = 2 + random.nextInt(30);
    for (int i = 0; i < count; i++) {
      List<RecordHeader> headers = new ArrayList<>();
      for (int h = random.nextInt(3); h > 0 && i % 4 == 0; h--) {
        headers.add(new RecordHeader("header-" + h, h == 2 ? null : "v".repeat(h).getBytes(UTF_8)));
      }
      byte[] value = new byte[random.nextInt(random.nextInt(10) == 0 ? 20_000 : 100)];
      if (random.nextBoolean()) {
        random.nextBytes(value);
      }
      byte[] key = random.nextInt(20) == 0 ? null : ("key-" + i).getBytes(UTF_8);
      builder.append(BASE_TIMESTAMP + random.nextInt(200), key, value, headers);
    }
    return Batches.bytes(builder.build());
  }

  private static long allocatedBytes() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return threads.getCurrentThreadAllocatedBytes();
  }
}
