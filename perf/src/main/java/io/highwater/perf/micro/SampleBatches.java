package io.highwater.perf.micro;

import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.Codec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

/** Batches to work on: the same bytes in every run, and about as compressible as events are. */
final class SampleBatches {
  /** Timestamp of the first record, ms since 1970. */
  static final long BASE_TIMESTAMP_MS = 1_790_000_000_000L;

  private static final long SEED = 20_260_401;

  private SampleBatches() {}

  /** JSON events, cut to {@code bytes} each. */
  static byte[][] values(int count, int bytes) {
    SplittableRandom random = new SplittableRandom(SEED);
    byte[][] values = new byte[count][];
    for (int i = 0; i < count; i++) {
      StringBuilder event = new StringBuilder("{\"order\":").append(i + 1_000_000);
      while (event.length() < bytes) {
        event
            .append(",\"customer\":\"c-")
            .append(random.nextInt(100_000))
            .append("\",\"sku\":\"")
            .append(Long.toHexString(random.nextLong()))
            .append("\",\"quantity\":")
            .append(random.nextInt(20))
            .append(",\"state\":\"shipped\"");
      }
      event.setLength(bytes - 1);
      values[i] = event.append('}').toString().getBytes(StandardCharsets.ISO_8859_1);
    }
    return values;
  }

  /** A batch of as many records of {@code recordBytes} as {@code batchBytes} take uncompressed. */
  static ByteBuffer filled(Codec codec, int recordBytes, int batchBytes) {
    int most = batchBytes / recordBytes;
    byte[][] values = values(most, recordBytes);
    BatchBuilder builder = new BatchBuilder(codec, batchBytes);
    for (int i = 0; i < most; i++) {
      if (!builder.fits(BASE_TIMESTAMP_MS, -1, recordBytes, List.of())) {
        break;
      }
      builder.append(BASE_TIMESTAMP_MS, null, values[i], List.of());
    }
    return builder.build();
  }

  /** How many records are in a batch that was built here. */
  static int recordCount(ByteBuffer batch) {
    return batch.getInt(BatchLayout.RECORD_COUNT);
  }
}
