package io.highwater.replication.sim;

import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.Codec;
import io.highwater.proto.record.RecordCursor;
import io.highwater.replication.sim.history.ClientHistory.Read;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.agrona.concurrent.UnsafeBuffer;

/** Values as bytes: the number, some filler, and a checksum of our own, so that damage shows. */
public final class Payload {
  /** Read where bytes are not what was sent. */
  public static final long DAMAGED = -1;

  private static final int MOST_FILLER_BYTES = 200;
  private static final int OVERHEAD_BYTES = Long.BYTES + Long.BYTES;

  private Payload() {}

  /** A batch of {@code count} values from {@code firstValue} on. */
  static byte[] batch(
      long producerId, int sequence, long firstValue, int count, long nowMs, Random random) {
    BatchBuilder builder = new BatchBuilder(Codec.NONE, 1 << 12);
    builder.producer(producerId, (short) (producerId < 0 ? -1 : 0), sequence);
    for (int i = 0; i < count; i++) {
      int filler = random.nextInt(MOST_FILLER_BYTES);
      builder.append(nowMs, null, record(firstValue + i, filler), List.of());
    }
    ByteBuffer batch = builder.build();
    byte[] bytes = new byte[batch.remaining()];
    batch.get(bytes);
    return bytes;
  }

  /** A record of a value, of a random length. */
  public static byte[] record(long value, Random random) {
    return record(value, random.nextInt(MOST_FILLER_BYTES));
  }

  private static byte[] record(long value, int fillerBytes) {
    ByteBuffer bytes = ByteBuffer.allocate(fillerBytes + OVERHEAD_BYTES);
    bytes.putLong(value);
    for (int i = 0; i < fillerBytes; i++) {
      bytes.put((byte) (value + i));
    }
    return bytes.putLong(checksum(bytes.array())).array();
  }

  private static long checksum(byte[] record) {
    CRC32 crc = new CRC32();
    crc.update(record, 0, record.length - Long.BYTES);
    return crc.getValue();
  }

  /** The records of whole batches from an offset on, as a consumer gets them. */
  static List<Read> read(byte[] batches, long fromOffset) {
    List<Read> reads = new ArrayList<>();
    UnsafeBuffer buffer = new UnsafeBuffer(batches);
    try (RecordCursor cursor = new RecordCursor()) {
      for (int at = 0; at < batches.length; ) {
        BatchView batch = new BatchView().wrap(buffer, at);
        cursor.wrap(buffer, at);
        while (cursor.next()) {
          if (cursor.offset() >= fromOffset) {
            reads.add(new Read(cursor.offset(), value(cursor.value(), batch.crcMatches())));
          }
        }
        at += batch.sizeInBytes();
      }
    }
    return reads;
  }

  private static long value(byte[] record, boolean batchIsWhole) {
    return batchIsWhole ? value(record) : DAMAGED;
  }

  /** The value of a record, or {@link #DAMAGED}. */
  public static long value(byte[] record) {
    ByteBuffer bytes = ByteBuffer.wrap(record);
    boolean whole =
        record.length >= OVERHEAD_BYTES
            && bytes.getLong(record.length - Long.BYTES) == checksum(record);
    return whole ? bytes.getLong(0) : DAMAGED;
  }
}
