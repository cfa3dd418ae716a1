package io.highwater.proto.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** Batches for tests. */
final class Batches {
  static final int LIMIT = 1 << 20;

  private Batches() {}

  /** A record as a test thinks of it. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by content below.
  record Entry(long timestamp, byte[] key, byte[] value, List<RecordHeader> headers) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Entry that
          && timestamp == that.timestamp
          && Arrays.equals(key, that.key)
          && Arrays.equals(value, that.value)
          && headers.equals(that.headers);
    }

    @Override
    public int hashCode() {
      return Long.hashCode(timestamp);
    }
  }

  static byte[] of(Codec codec, List<Entry> entries) {
    BatchBuilder builder = new BatchBuilder(codec, LIMIT);
    for (Entry entry : entries) {
      builder.append(entry.timestamp(), entry.key(), entry.value(), entry.headers());
    }
    return bytes(builder.build());
  }

  /** Three records that compress a little. */
  static byte[] small(Codec codec) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      entries.add(
          new Entry(
              1_700_000_000_000L + i,
              ("key-" + i).getBytes(UTF_8),
              ("value value value value value " + i).getBytes(UTF_8),
              List.of(new RecordHeader("trace", new byte[] {1, 2, 3}))));
    }
    return of(codec, entries);
  }

  static byte[] bytes(ByteBuffer built) {
    byte[] bytes = new byte[built.remaining()];
    built.get(built.position(), bytes);
    return bytes;
  }

  static List<Entry> entries(byte[] batch) {
    return entries(new RecordCursor(), batch);
  }

  static List<Entry> entries(RecordCursor cursor, byte[] batch) {
    List<Entry> entries = new ArrayList<>();
    cursor.wrap(new UnsafeBuffer(batch), 0);
    while (cursor.next()) {
      entries.add(new Entry(cursor.timestamp(), cursor.key(), cursor.value(), cursor.headers()));
    }
    return entries;
  }

  /** The batch around other compressed content, with a right length and CRC. */
  static byte[] withRecords(byte[] batch, Codec codec, byte[] records) {
    byte[] changed = new byte[BatchLayout.HEADER_BYTES + records.length];
    System.arraycopy(batch, 0, changed, 0, BatchLayout.HEADER_BYTES);
    System.arraycopy(records, 0, changed, BatchLayout.HEADER_BYTES, records.length);
    changed[BatchLayout.ATTRIBUTES + 1] = (byte) codec.id();
    return resealed(changed);
  }

  /** The same bytes with a right length and CRC. */
  static byte[] resealed(byte[] batch) {
    UnsafeBuffer buffer = new UnsafeBuffer(batch);
    buffer.putInt(
        BatchLayout.BATCH_LENGTH, batch.length - BatchLayout.LENGTH_OVERHEAD, ByteOrder.BIG_ENDIAN);
    BatchStamper.stampCrc(buffer, 0, batch.length);
    return batch;
  }
}
