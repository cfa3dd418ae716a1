package io.highwater.log;

import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.BatchStamper;
import io.highwater.proto.record.Codec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
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
