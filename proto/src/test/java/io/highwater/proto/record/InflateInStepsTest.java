package io.highwater.proto.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.Batches.Entry;
import io.highwater.proto.record.RecordCursor.Step;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** INP-1: batches are inflated as far as they are read, a piece at a time, in bounded memory. */
class InflateInStepsTest {
  private static final int LIMIT = 64 << 20;

  /** A codec's window and history, beside the largest record: zstd's level 19 takes 8 MiB. */
  private static final long MODEST_BYTES = 10 << 20;

  @Property(tries = 300)
  void whateverTheFramingTheRecordsAreTheSame(
      @ForAll Framing framing, @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int records)
      throws IOException {
    byte[] plain = mixed(new Random(seed), records);

    assertThat(Batches.entries(framing.compressed(plain))).isEqualTo(Batches.entries(plain));
  }

  @Property(tries = 100)
  void stepsFindTheSameRecordsAndInflateAPieceEach(
      @ForAll Framing framing, @ForAll long seed, @ForAll @IntRange(min = 1, max = 20) int records)
      throws IOException {
    byte[] plain = mixed(new Random(seed), records);
    List<Entry> found = new ArrayList<>();
    try (RecordCursor cursor = new RecordCursor()) {
      cursor.wrap(new UnsafeBuffer(framing.compressed(plain)), 0);
      Step step = cursor.step(1);
      while (step != Step.END) {
        if (step == Step.RECORD) {
          found.add(new Entry(cursor.timestamp(), cursor.key(), cursor.value(), cursor.headers()));
        }
        step = cursor.step(1);
      }
    }

    assertThat(found).isEqualTo(Batches.entries(plain));
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void aLargeRecordComesInManySteps(Framing framing) throws IOException {
    byte[] plain = ofValues(text(new Random(1), 2 << 20));
    try (RecordCursor cursor = new RecordCursor()) {
      cursor.wrap(new UnsafeBuffer(framing.compressed(plain)), 0);
      int pauses = 0;
      while (cursor.step(1) == Step.PAUSED) {
        pauses++;
      }

      assertThat(pauses).isGreaterThanOrEqualTo(31);
      assertThat(cursor.value()).isEqualTo(Batches.entries(plain).get(0).value());
      assertThat(cursor.step(1)).isEqualTo(Step.END);
    }
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void aReaderOfSmallRecordsHoldsLittleOfALargeBatch(Framing framing) throws IOException {
    Random random = new Random(1);
    byte[][] values = new byte[300][];
    Arrays.setAll(values, i -> text(random, 40_000));
    UnsafeBuffer batch = new UnsafeBuffer(framing.compressed(ofValues(values)));
    RecordCursor cursor = new RecordCursor();
    int records = 0;
    try (cursor) {
      cursor.wrap(batch, 0);
      while (cursor.next()) {
        records++;
        assertThat(cursor.heldBytes()).isLessThan(MODEST_BYTES);
      }
    }

    assertThat(records).isEqualTo(300);
    assertThat(cursor.heldBytes()).isLessThan(1 << 20);
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void bytesAfterTheCompressedOnesAreCorrupt(Framing framing) throws IOException {
    for (int valueBytes : new int[] {100, 300_000}) {
      byte[] plain = ofValues(text(new Random(1), valueBytes));
      byte[] records = Arrays.copyOfRange(plain, BatchLayout.HEADER_BYTES, plain.length);
      byte[] deflated = framing.deflate(records);
      for (int more : new int[] {1, 3, 4, 40}) {
        byte[] batch =
            Batches.withRecords(
                plain, framing.codec(), Arrays.copyOf(deflated, deflated.length + more));

        assertThatThrownBy(() -> Batches.entries(batch))
            .isInstanceOfSatisfying(
                HighwaterException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT_MESSAGE));
      }
    }
  }

  /** Small and large records, of text, of noise and of one byte. */
  private static byte[] mixed(Random random, int records) {
    byte[][] values = new byte[records][];
    Arrays.setAll(
        values,
        i -> {
          int bytes = random.nextInt(random.nextInt(4) == 0 ? 200_000 : 300);
          return switch (random.nextInt(3)) {
            case 0 -> noise(random, bytes);
            case 1 -> text(random, bytes);
            default -> new byte[bytes];
          };
        });
    return ofValues(values);
  }

  private static byte[] ofValues(byte[]... values) {
    BatchBuilder builder = new BatchBuilder(Codec.NONE, LIMIT);
    for (int i = 0; i < values.length; i++) {
      List<RecordHeader> headers =
          i % 5 == 0 ? List.of(new RecordHeader("h", new byte[3])) : List.of();
      builder.append(
          1_700_000_000_000L + i, i % 3 == 0 ? null : new byte[i % 7], values[i], headers);
    }
    return Batches.bytes(builder.build());
  }

  private static byte[] noise(Random random, int bytes) {
    byte[] noise = new byte[bytes];
    random.nextBytes(noise);
    return noise;
  }

  /** Words that come again, near and far. */
  private static byte[] text(Random random, int bytes) {
    StringBuilder text = new StringBuilder();
    while (text.length() < bytes) {
      text.append("word-").append(random.nextInt(2000)).append(' ');
    }
    return Arrays.copyOf(text.toString().getBytes(StandardCharsets.US_ASCII), bytes);
  }
}
