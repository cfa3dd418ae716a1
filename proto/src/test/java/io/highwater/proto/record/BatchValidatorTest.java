package io.highwater.proto.record;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.util.Arrays;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** STO-3 and STO-4, one rule after the other. */
class BatchValidatorTest {
  private final BatchValidator validator = new BatchValidator();

  @ParameterizedTest
  @EnumSource(Codec.class)
  void flipOfAnyBitUnderTheCrcIsDetected(Codec codec) {
    byte[] batch = Batches.small(codec);
    for (int i = BatchLayout.CRC; i < batch.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] flipped = batch.clone();
        flipped[i] ^= (byte) (1 << bit);

        assertRefused(flipped, ErrorCode.CORRUPT_MESSAGE);
        assertCode(
            () -> validator.validateStored(new UnsafeBuffer(flipped), 0, flipped.length),
            ErrorCode.CORRUPT_MESSAGE);
      }
    }
  }

  @Test
  void flipOfLengthOrMagicIsDetectedAndOffsetAndEpochAreLeftToContinuity() {
    byte[] batch = Batches.small(Codec.NONE);
    for (int i = 0; i < BatchLayout.CRC; i++) {
      byte[] flipped = batch.clone();
      flipped[i] ^= 0x10;
      if (i == BatchLayout.MAGIC) {
        assertRefused(flipped, ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT);
      } else if (i >= BatchLayout.BATCH_LENGTH && i < BatchLayout.LEADER_EPOCH) {
        assertRefused(flipped, ErrorCode.CORRUPT_MESSAGE);
      } else {
        validator.validate(new UnsafeBuffer(flipped), 0, flipped.length, Batches.LIMIT, false);
      }
    }
  }

  @Test
  void everyCutIsDetected() {
    byte[] batch = Batches.small(Codec.ZSTD);
    for (int length = 0; length < batch.length; length++) {
      assertRefused(Arrays.copyOf(batch, length), ErrorCode.CORRUPT_MESSAGE);
    }
  }

  @Test
  void clientBatchMustBeExactlyFilledWhereAStoredOneMayBeFollowedByMore() {
    byte[] batch = Batches.small(Codec.NONE);
    byte[] longer = Arrays.copyOf(batch, batch.length + 1);

    assertRefused(longer, ErrorCode.CORRUPT_MESSAGE);
    assertThat(validator.validateStored(new UnsafeBuffer(longer), 0, longer.length))
        .isEqualTo(batch.length);
  }

  @Test
  void batchAboveTheLimitIsTooLarge() {
    byte[] batch = Batches.small(Codec.NONE);

    assertCode(
        () -> validator.validate(new UnsafeBuffer(batch), 0, batch.length, batch.length - 1, false),
        ErrorCode.MESSAGE_TOO_LARGE);
  }

  @Test
  void bufferWithRoomAroundTheBatchIsNoMatter() {
    byte[] batch = Batches.small(Codec.GZIP);
    UnsafeBuffer around = new UnsafeBuffer(new byte[batch.length + 20]);
    around.putBytes(13, batch);

    validator.validate(around, 13, batch.length, Batches.LIMIT, false);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 6, 7})
  void unknownCodecIsNamed(int codec) {
    assertRefused(
        changed(b -> b.putShort(BatchLayout.ATTRIBUTES, (short) codec, BIG_ENDIAN)),
        ErrorCode.UNSUPPORTED_COMPRESSION_TYPE);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5, 6, 7, 8, 14, 15})
  void flagsThatAreNotAClientsAreRefused(int bit) {
    assertRefused(
        changed(b -> b.putShort(BatchLayout.ATTRIBUTES, (short) (1 << bit), BIG_ENDIAN)),
        ErrorCode.INVALID_RECORD);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 2, 4, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void recordCountMustMatchTheLastDelta(int count) {
    assertRefused(
        changed(b -> b.putInt(BatchLayout.RECORD_COUNT, count, BIG_ENDIAN)),
        ErrorCode.INVALID_RECORD);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 1000, Integer.MAX_VALUE})
  void recordCountMustMatchTheRecords(int count) {
    assertRefused(
        changed(
            b -> {
              b.putInt(BatchLayout.RECORD_COUNT, count, BIG_ENDIAN);
              b.putInt(BatchLayout.LAST_OFFSET_DELTA, count - 1, BIG_ENDIAN);
            }),
        ErrorCode.INVALID_RECORD);
  }

  /** INP-1: seventy bytes must not claim two billion offsets. */
  @Test
  void compressedRecordsMustNotBeMoreThanAnyReaderInflates() {
    int most = RecordCursor.DEFAULT_MAX_INFLATED_BYTES / 7;
    byte[] batch = claiming(most);
    validator.validate(new UnsafeBuffer(batch), 0, batch.length, Batches.LIMIT, false);
    assertRefused(claiming(most + 1), ErrorCode.INVALID_RECORD);
    assertRefused(claiming(Integer.MAX_VALUE), ErrorCode.INVALID_RECORD);
    assertRefused(
        Batches.withRecords(Batches.small(Codec.NONE), Codec.GZIP, new byte[0]),
        ErrorCode.INVALID_RECORD);
  }

  private static byte[] claiming(int records) {
    byte[] batch = Batches.small(Codec.GZIP);
    UnsafeBuffer buffer = new UnsafeBuffer(batch);
    buffer.putInt(BatchLayout.RECORD_COUNT, records, BIG_ENDIAN);
    buffer.putInt(BatchLayout.LAST_OFFSET_DELTA, records - 1, BIG_ENDIAN);
    return Batches.resealed(batch);
  }

  @Test
  void offsetDeltasMustCountFromZero() {
    // The first record: length, attributes, timestamp delta, offset delta.
    assertRefused(
        changed(b -> b.putByte(BatchLayout.RECORDS + 3, (byte) 2)), ErrorCode.INVALID_RECORD);
  }

  @Test
  void maxTimestampMustBeTheRecords() {
    long right = 1_700_000_000_002L;
    assertRefused(
        changed(b -> b.putLong(BatchLayout.MAX_TIMESTAMP, right + 1, BIG_ENDIAN)),
        ErrorCode.INVALID_RECORD);
    assertRefused(
        changed(b -> b.putLong(BatchLayout.MAX_TIMESTAMP, right - 1, BIG_ENDIAN)),
        ErrorCode.INVALID_RECORD);
    assertRefused(
        changed(b -> b.putLong(BatchLayout.BASE_TIMESTAMP, -1, BIG_ENDIAN)),
        ErrorCode.INVALID_TIMESTAMP);
  }

  @Test
  void producerFieldsMustBeConsistent() {
    assertRefused(
        changed(b -> b.putLong(BatchLayout.PRODUCER_ID, 5, BIG_ENDIAN)), ErrorCode.INVALID_RECORD);
    assertRefused(
        changed(b -> b.putLong(BatchLayout.PRODUCER_ID, -2, BIG_ENDIAN)), ErrorCode.INVALID_RECORD);
    assertRefused(
        changed(b -> b.putInt(BatchLayout.BASE_SEQUENCE, 0, BIG_ENDIAN)), ErrorCode.INVALID_RECORD);
    assertRefused(
        changed(b -> b.putShort(BatchLayout.PRODUCER_EPOCH, (short) 0, BIG_ENDIAN)),
        ErrorCode.INVALID_RECORD);
  }

  private static byte[] changed(Consumer<UnsafeBuffer> change) {
    byte[] batch = Batches.small(Codec.NONE);
    change.accept(new UnsafeBuffer(batch));
    return Batches.resealed(batch);
  }

  private void assertRefused(byte[] batch, ErrorCode code) {
    assertCode(
        () -> validator.validate(new UnsafeBuffer(batch), 0, batch.length, Batches.LIMIT, false),
        code);
  }

  private static void assertCode(ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            HighwaterException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
