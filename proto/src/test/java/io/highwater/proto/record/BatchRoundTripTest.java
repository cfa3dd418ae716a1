package io.highwater.proto.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.Batches.Entry;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchRoundTripTest {

  @Property(tries = 300)
  void whatWasAppendedIsReadBack(
      @ForAll Codec codec, @ForAll("entries") List<Entry> entries, @ForAll boolean direct) {
    byte[] batch = Batches.of(codec, entries);
    UnsafeBuffer buffer =
        direct
            ? new UnsafeBuffer(ByteBuffer.allocateDirect(batch.length).put(0, batch))
            : new UnsafeBuffer(batch);

    assertThatCode(
            () -> new BatchValidator().validate(buffer, 0, batch.length, Batches.LIMIT, false))
        .doesNotThrowAnyException();
    BatchView view = new BatchView().wrap(buffer, 0);
    assertThat(view.codec()).isEqualTo(codec);
    assertThat(view.maxTimestamp())
        .isEqualTo(entries.stream().mapToLong(Entry::timestamp).max().orElseThrow());
    assertThat(Batches.entries(batch)).isEqualTo(entries);
  }

  @Provide
  Arbitrary<List<Entry>> entries() {
    Arbitrary<byte[]> bytes =
        Arbitraries.bytes().array(byte[].class).ofMaxSize(300).injectNull(0.1);
    Arbitrary<List<RecordHeader>> headers =
        Combinators.combine(Arbitraries.strings().ofMaxLength(8), bytes)
            .as(RecordHeader::new)
            .list()
            .ofMaxSize(3);
    return Combinators.combine(
            Arbitraries.longs().between(0, Long.MAX_VALUE), bytes, bytes, headers)
        .as(Entry::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(40);
  }

  @Property(tries = 2000)
  void varintTakesTheBytesItSays(@ForAll long value) {
    byte[] bytes = new byte[Varints.MAX_LONG_BYTES];
    int end = Varints.put(bytes, 0, value);

    assertThat(end).isEqualTo(Varints.sizeOf(value));
    assertThat(Varints.unZigZag(Varints.zigZag(value))).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 30, 300, 2000})
  void zstdIsReadHoweverMuchItGrows(int noiseBytes) {
    byte[] value = new byte[2000];
    byte[] noise = new byte[noiseBytes];
    new Random(3).nextBytes(noise);
    System.arraycopy(noise, 0, value, 0, noiseBytes);
    Entry entry = new Entry(1, null, value, List.of());
    List<Entry> entries = Collections.nCopies(50, entry);

    byte[] batch = Batches.of(Codec.ZSTD, entries);

    assertThat(Batches.entries(batch)).isEqualTo(entries);
  }

  @ParameterizedTest
  @EnumSource(Codec.class)
  void recordLargerThanAnyWindowIsReadWhole(Codec codec) {
    byte[] value = new byte[900_000];
    // Half noise, half zeros: some blocks are stored, some compressed.
    new Random(7).nextBytes(value);
    Arrays.fill(value, 300_000, 700_000, (byte) 0);
    Entry small = new Entry(1, "k".getBytes(UTF_8), "v".getBytes(UTF_8), List.of());
    List<Entry> entries = List.of(small, new Entry(2, null, value, List.of()), small);

    assertThat(Batches.entries(Batches.of(codec, entries))).isEqualTo(entries);
  }

  @ParameterizedTest
  @EnumSource(Codec.class)
  void cursorAndBuilderAreReused(Codec codec) {
    BatchBuilder builder = new BatchBuilder(codec, Batches.LIMIT);
    try (RecordCursor cursor = new RecordCursor()) {
      for (int round = 0; round < 3; round++) {
        builder.reset();
        for (int i = 0; i <= round; i++) {
          builder.append(5, null, new byte[] {(byte) round}, List.of());
        }
        byte[] batch = Batches.bytes(builder.build());

        cursor.wrap(new UnsafeBuffer(batch), 0);
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.value()).containsExactly(round);
        // The cursor leaves the rest behind: the next wrap must not mind.
      }
    }
  }

  @Test
  void recordFitsExactlyUpToTheLimit() {
    long single = BatchBuilder.sizeOfSingle(3, 1000, List.of());
    BatchBuilder builder = new BatchBuilder(Codec.NONE, (int) single);

    assertThat(builder.fits(9, 3, 1000, List.of())).isTrue();
    assertThat(builder.fits(9, 3, 1001, List.of())).isFalse();
    assertThatThrownBy(() -> builder.append(9, new byte[3], new byte[1001], List.of()))
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE));
    assertThat(builder.isEmpty()).isTrue();

    builder.append(9, new byte[3], new byte[1000], List.of());
    assertThat(builder.sizeInBytes()).isEqualTo((int) single);
    assertThat(builder.build().remaining()).isEqualTo((int) single);
  }

  @Property(tries = 200)
  void tryingAppendsWhatFitsAndNothingElse(@ForAll("entries") List<Entry> entries) {
    BatchBuilder tried = new BatchBuilder(Codec.NONE, 1500);
    BatchBuilder asked = new BatchBuilder(Codec.NONE, 1500);
    for (Entry entry : entries) {
      int keyLength = entry.key() == null ? -1 : entry.key().length;
      int valueLength = entry.value() == null ? -1 : entry.value().length;
      boolean fits = asked.fits(entry.timestamp(), keyLength, valueLength, entry.headers());
      if (fits) {
        asked.append(entry.timestamp(), entry.key(), entry.value(), entry.headers());
      }

      assertThat(tried.tryAppend(entry.timestamp(), entry.key(), entry.value(), entry.headers()))
          .isEqualTo(fits);
      assertThat(tried.sizeInBytes()).isEqualTo(asked.sizeInBytes()).isLessThanOrEqualTo(1500);
    }
    if (!asked.isEmpty()) {
      assertThat(Batches.bytes(tried.build())).isEqualTo(Batches.bytes(asked.build()));
    }
  }

  @ParameterizedTest
  @EnumSource(Codec.class)
  void noiseThatWouldGrowAboveTheLimitStaysUncompressed(Codec codec) {
    byte[] noise = new byte[200_000];
    new Random(3).nextBytes(noise);
    int limit = (int) BatchBuilder.sizeOfSingle(-1, noise.length, List.of());
    BatchBuilder builder = new BatchBuilder(codec, limit);
    builder.append(9, null, noise, List.of());

    byte[] batch = Batches.bytes(builder.build());

    assertThat(batch.length).isLessThanOrEqualTo(limit);
    assertThat(Batches.entries(batch).get(0).value()).isEqualTo(noise);
  }

  @Test
  void negativeTimestampIsRefused() {
    BatchBuilder builder = new BatchBuilder(Codec.NONE, 1000);

    assertThatThrownBy(() -> builder.append(-1, null, new byte[1], List.of()))
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_TIMESTAMP));
  }

  @Test
  void slicesAndBuffersAppendTheSameRecord() {
    byte[] around = "..key..value..".getBytes(UTF_8);
    BatchBuilder builder = new BatchBuilder(Codec.NONE, 1000);
    builder.append(1, around, 2, 3, around, 7, 5, List.of());
    byte[] fromSlices = Batches.bytes(builder.build());
    builder.reset();
    ByteBuffer direct = ByteBuffer.allocateDirect(around.length).put(0, around);
    builder.append(1, direct.slice(2, 3), direct.slice(7, 5), List.of());

    assertThat(Batches.bytes(builder.build())).isEqualTo(fromSlices);
    assertThat(Batches.entries(fromSlices).get(0).value()).asString(UTF_8).isEqualTo("value");
  }

  @Test
  void stampingLeavesTheChecksumRight() {
    byte[] batch = Batches.small(Codec.LZ4);
    UnsafeBuffer buffer = new UnsafeBuffer(batch);

    BatchStamper.stamp(buffer, 0, 77, 4);
    assertThat(new BatchView().wrap(buffer, 0).crcMatches()).isTrue();

    BatchStamper.stampProducer(buffer, 0, 9, (short) 2, 0);
    BatchView view = new BatchView().wrap(buffer, 0);
    assertThat(view.crcMatches()).isTrue();
    assertThat(view.baseOffset()).isEqualTo(77);
    assertThat(view.producerId()).isEqualTo(9);
    assertThat(view.lastSequence()).isEqualTo(2);
  }

  @Test
  void sequencesWrapToZero() {
    assertThat(ProducerSequence.plus(Integer.MAX_VALUE, 1)).isZero();
    assertThat(ProducerSequence.plus(Integer.MAX_VALUE - 2, 5)).isEqualTo(2);
    assertThat(ProducerSequence.plus(7, 3)).isEqualTo(10);
  }
}
