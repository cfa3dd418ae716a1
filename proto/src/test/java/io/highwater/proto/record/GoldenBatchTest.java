package io.highwater.proto.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Batches whose bytes were worked out by hand from the format's description. */
class GoldenBatchTest {
  /** Two records: (k, v1, no headers) at 1000, (null, null, header h=x) at 1005. */
  private static final String BATCH =
      "0000000000000000" // base offset
          + "00000046" // length: 49 header bytes after this field, 21 of records
          + "ffffffff" // leader epoch
          + "02" // magic
          + "%s" // CRC-32C
          + "0000" // attributes
          + "00000001" // last offset delta
          + "00000000000003e8" // base timestamp
          + "00000000000003ed" // max timestamp
          + "000000000000002a" // producer id
          + "0003" // producer epoch
          + "00000007" // base sequence
          + "00000002" // record count
          // length 9; attributes; timestamp +0; offset +0; key 1 byte k; value 2 bytes v1; 0
          // headers
          + "12 00 00 00 02 6b 04 76 31 00".replace(" ", "")
          // length 10; attributes; timestamp +5; offset +1; null key; null value; 1 header h=x
          + "14 00 0a 02 01 01 02 02 68 02 78".replace(" ", "");

  @Test
  void builderWritesTheBytesOfTheFormat() {
    BatchBuilder builder = new BatchBuilder(Codec.NONE, 1024);
    builder.producer(42, (short) 3, 7);
    builder.append(1000, "k".getBytes(UTF_8), "v1".getBytes(UTF_8), List.of());
    builder.append(1005, null, (byte[]) null, List.of(new RecordHeader("h", "x".getBytes(UTF_8))));

    ByteBuffer built = builder.build();
    byte[] bytes = new byte[built.remaining()];
    built.get(bytes);

    String crc = HexFormat.of().formatHex(bytes, BatchLayout.CRC, BatchLayout.ATTRIBUTES);
    assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(BATCH.formatted(crc));
    assertThat(crc).isEqualTo("%08x".formatted(bitwiseCrc32c(bytes, BatchLayout.ATTRIBUTES)));
  }

  @Test
  void viewReadsEveryField() {
    byte[] bytes = HexFormat.of().parseHex(BATCH.formatted("00000000"));
    UnsafeBuffer around = new UnsafeBuffer(new byte[bytes.length + 10]);
    around.putBytes(7, bytes);
    BatchStamper.stampCrc(around, 7, bytes.length);
    BatchStamper.stamp(around, 7, 5_000_000_000L, 12);

    BatchView view = new BatchView().wrap(around, 7);

    assertThat(view.baseOffset()).isEqualTo(5_000_000_000L);
    assertThat(view.sizeInBytes()).isEqualTo(bytes.length);
    assertThat(view.leaderEpoch()).isEqualTo(12);
    assertThat(view.magic()).isEqualTo((byte) 2);
    assertThat(view.crcMatches()).isTrue();
    assertThat(view.attributes()).isZero();
    assertThat(view.codec()).isEqualTo(Codec.NONE);
    assertThat(view.timestampType()).isEqualTo(TimestampType.CREATE_TIME);
    assertThat(view.isControl()).isFalse();
    assertThat(view.isTransactional()).isFalse();
    assertThat(view.lastOffsetDelta()).isEqualTo(1);
    assertThat(view.lastOffset()).isEqualTo(5_000_000_001L);
    assertThat(view.nextOffset()).isEqualTo(5_000_000_002L);
    assertThat(view.baseTimestamp()).isEqualTo(1000);
    assertThat(view.maxTimestamp()).isEqualTo(1005);
    assertThat(view.producerId()).isEqualTo(42);
    assertThat(view.producerEpoch()).isEqualTo((short) 3);
    assertThat(view.baseSequence()).isEqualTo(7);
    assertThat(view.lastSequence()).isEqualTo(8);
    assertThat(view.recordCount()).isEqualTo(2);
  }

  @Test
  void cursorReadsTheRecords() {
    byte[] bytes = HexFormat.of().parseHex(BATCH.formatted("00000000"));
    try (RecordCursor cursor = new RecordCursor().wrap(new UnsafeBuffer(bytes), 0)) {
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.offset()).isZero();
      assertThat(cursor.timestamp()).isEqualTo(1000);
      assertThat(cursor.key()).asString(UTF_8).isEqualTo("k");
      assertThat(cursor.value()).asString(UTF_8).isEqualTo("v1");
      assertThat(cursor.headerCount()).isZero();
      assertThat(cursor.sizeInBytes()).isEqualTo(10);

      assertThat(cursor.next()).isTrue();
      assertThat(cursor.offset()).isEqualTo(1);
      assertThat(cursor.timestamp()).isEqualTo(1005);
      assertThat(cursor.hasKey()).isFalse();
      assertThat(cursor.key()).isNull();
      assertThat(cursor.hasValue()).isFalse();
      assertThat(cursor.headers()).containsExactly(new RecordHeader("h", "x".getBytes(UTF_8)));

      assertThat(cursor.next()).isFalse();
      assertThat(cursor.next()).isFalse();
    }
  }

  @Test
  void appendTimeOverridesTheRecordsTimestamps() {
    byte[] bytes = HexFormat.of().parseHex(BATCH.formatted("00000000"));
    bytes[BatchLayout.ATTRIBUTES + 1] = BatchLayout.LOG_APPEND_TIME_FLAG;
    try (RecordCursor cursor = new RecordCursor().wrap(new UnsafeBuffer(bytes), 0)) {
      cursor.next();

      assertThat(cursor.timestamp()).isEqualTo(1005);
    }
  }

  /** The checksum by its definition, bit by bit: reflected polynomial 0x82f63b78. */
  private static int bitwiseCrc32c(byte[] bytes, int from) {
    int crc = -1;
    for (int i = from; i < bytes.length; i++) {
      crc ^= bytes[i] & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ 0x82f63b78;
      }
    }
    return ~crc;
  }
}
