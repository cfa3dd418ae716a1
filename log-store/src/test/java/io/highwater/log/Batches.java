package io.highwater.log;

import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.BatchStamper;
import io.highwater.proto.record.Codec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/** Makes record batches for tests. */
public final class Batches {
  private static final int MAX_BYTES = 1 << 20;

  private Batches() {}

  /** A batch of records with these values, as a client without a producer id sends it. */
  public static ByteBuffer of(long timestamp, String... values) {
    return build(Codec.NONE, timestamp, -1, (short) -1, -1, values);
  }

  /** A batch of an idempotent producer. */
  public static ByteBuffer produced(
      long producerId, int epoch, int baseSequence, String... values) {
    return build(Codec.NONE, 1000, producerId, (short) epoch, baseSequence, values);
  }

  /** A batch within a transaction, as a leader that knew them would store it. */
  public static ByteBuffer transactional(
      long producerId, int epoch, int baseSequence, String... values) {
    return flagged(
        produced(producerId, epoch, baseSequence, values), BatchLayout.TRANSACTIONAL_FLAG);
  }

  /** The control batch that ends a transaction. */
  public static ByteBuffer marker(long producerId, int epoch, boolean abort, int coordinator) {
    BatchBuilder builder = new BatchBuilder(Codec.NONE, MAX_BYTES);
    builder.producer(producerId, (short) epoch, BatchLayout.NO_SEQUENCE);
    byte[] key = {0, 0, 0, (byte) (abort ? 0 : 1)};
    byte[] value = {0, 0, 0, 0, 0, (byte) coordinator};
    builder.append(1000, key, value, List.of());
    return flagged(builder.build(), BatchLayout.TRANSACTIONAL_FLAG | BatchLayout.CONTROL_FLAG);
  }

  private static ByteBuffer flagged(ByteBuffer batch, int flags) {
    short attributes = (short) (batch.getShort(BatchLayout.ATTRIBUTES) | flags);
    batch.putShort(BatchLayout.ATTRIBUTES, attributes);
    CRC32C crc = new CRC32C();
    crc.update(batch.duplicate().position(BatchLayout.ATTRIBUTES));
    batch.putInt(BatchLayout.CRC, (int) crc.getValue());
    return batch;
  }

  /** A batch of {@code records} records of {@code valueBytes} each. */
  public static ByteBuffer sized(int records, int valueBytes) {
    String[] values = new String[records];
    java.util.Arrays.fill(values, "x".repeat(valueBytes));
    return of(1000, values);
  }

  /** A compressed batch. */
  public static ByteBuffer compressed(Codec codec, long timestamp, String... values) {
    return build(codec, timestamp, -1, (short) -1, -1, values);
  }

  /** Any batch; the records' timestamps ascend from {@code timestamp}. */
  public static ByteBuffer build(
      Codec codec,
      long timestamp,
      long producerId,
      short epoch,
      int baseSequence,
      String... values) {
    BatchBuilder builder = new BatchBuilder(codec, MAX_BYTES);
    builder.producer(producerId, epoch, baseSequence);
    long next = timestamp;
    for (String value : values) {
      byte[] key = ("k" + value.length()).getBytes(StandardCharsets.UTF_8);
      builder.append(next++, key, value.getBytes(StandardCharsets.UTF_8), List.of());
    }
    return builder.build();
  }

  /** The same batch with a place in a log, as a follower gets it. */
  public static ByteBuffer stamped(ByteBuffer batch, long baseOffset, int leaderEpoch) {
    ByteBuffer copy = ByteBuffer.allocate(batch.remaining());
    copy.put(batch.duplicate()).flip();
    BatchStamper.stamp(new UnsafeBuffer(copy), 0, baseOffset, leaderEpoch);
    return copy;
  }

  /** Batches one after the other. */
  public static ByteBuffer concat(ByteBuffer... batches) {
    int bytes = 0;
    for (ByteBuffer batch : batches) {
      bytes += batch.remaining();
    }
    ByteBuffer all = ByteBuffer.allocate(bytes);
    for (ByteBuffer batch : batches) {
      all.put(batch.duplicate());
    }
    return all.flip();
  }
}
