package io.highwater.log.fuzz;

import io.highwater.log.Batches;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.Codec;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;

/** Makes bytes that mean harm, the same for the same random source. */
final class HostileBytes {
  private static final int[] ODD_NUMBERS = {
    0,
    1,
    -1,
    7,
    49,
    60,
    61,
    1 << 16,
    1 << 24,
    Integer.MAX_VALUE,
    Integer.MAX_VALUE - 11,
    Integer.MIN_VALUE
  };
  private static final int[] INT_FIELDS = {
    BatchLayout.BASE_OFFSET,
    BatchLayout.BASE_OFFSET + 4,
    BatchLayout.BATCH_LENGTH,
    BatchLayout.LEADER_EPOCH,
    BatchLayout.LAST_OFFSET_DELTA,
    BatchLayout.BASE_TIMESTAMP,
    BatchLayout.MAX_TIMESTAMP,
    BatchLayout.PRODUCER_ID,
    BatchLayout.BASE_SEQUENCE,
    BatchLayout.RECORD_COUNT,
    BatchLayout.RECORDS
  };

  private final Random random;

  HostileBytes(Random random) {
    this.random = random;
  }

  /** A sound batch, stamped for {@code offset}. */
  ByteBuffer batch(long offset, int epoch) {
    Codec codec = Codec.of(random.nextInt(5));
    String[] values = new String[1 + random.nextInt(5)];
    Arrays.fill(values, "v".repeat(random.nextInt(60)));
    int producer = random.nextInt(3);
    ByteBuffer batch =
        switch (random.nextInt(8)) {
          case 0 -> Batches.marker(producer, random.nextInt(3), random.nextBoolean(), 1);
          case 1 -> Batches.transactional(producer, 0, random.nextInt(10), values);
          case 2 -> Batches.build(codec, 1000, producer, (short) 0, random.nextInt(3), values);
          default -> Batches.compressed(codec, 1000 + random.nextInt(5000), values);
        };
    return Batches.stamped(batch, offset, epoch);
  }

  /** A batch with something wrong with it; its checksum is right more often than not. */
  ByteBuffer hostileBatch(long offset, int epoch) {
    if (random.nextInt(20) == 0) {
      byte[] noise = new byte[random.nextInt(300)];
      random.nextBytes(noise);
      return ByteBuffer.wrap(noise);
    }
    byte[] bytes = batch(offset, epoch).array();
    for (int i = random.nextInt(4); i >= 0; i--) {
      bytes = damaged(bytes);
    }
    if (bytes.length > BatchLayout.HEADER_BYTES && random.nextInt(4) > 0) {
      if (random.nextInt(4) > 0) {
        ByteBuffer.wrap(bytes)
            .putInt(BatchLayout.BATCH_LENGTH, bytes.length - BatchLayout.LENGTH_OVERHEAD);
        bytes[BatchLayout.MAGIC] = BatchLayout.MAGIC_V2;
      }
      CRC32C crc = new CRC32C();
      crc.update(bytes, BatchLayout.ATTRIBUTES, bytes.length - BatchLayout.ATTRIBUTES);
      ByteBuffer.wrap(bytes).putInt(BatchLayout.CRC, (int) crc.getValue());
    }
    return ByteBuffer.wrap(bytes);
  }

  private byte[] damaged(byte[] bytes) {
    if (bytes.length > BatchLayout.HEADER_BYTES + 4 && random.nextInt(3) == 0) {
      int field = INT_FIELDS[random.nextInt(INT_FIELDS.length)];
      int odd = ODD_NUMBERS[random.nextInt(ODD_NUMBERS.length)];
      byte[] changed = bytes.clone();
      ByteBuffer.wrap(changed).putInt(field, odd);
      return changed;
    }
    return damagedFile(bytes);
  }

  /** Content with a bit flipped, cut, grown, zeroed, made noise of, or moved about. */
  byte[] damagedFile(byte[] content) {
    int length = content.length;
    if (length == 0) {
      byte[] noise = new byte[1 + random.nextInt(100)];
      random.nextBytes(noise);
      return noise;
    }
    byte[] changed = content.clone();
    int at = random.nextInt(length);
    int count = Math.min(length - at, 1 + random.nextInt(64));
    switch (random.nextInt(7)) {
      case 0 -> changed[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> changed = Arrays.copyOf(content, at);
      case 2 -> changed = Arrays.copyOf(content, length + random.nextInt(200));
      case 3 -> Arrays.fill(changed, at, at + count, (byte) 0);
      case 4 -> {
        byte[] noise = new byte[count];
        random.nextBytes(noise);
        System.arraycopy(noise, 0, changed, at, count);
      }
      case 5 -> System.arraycopy(content, 0, changed, at, count);
      default -> {
        changed = Arrays.copyOf(content, length + count);
        System.arraycopy(content, at, changed, length, count);
      }
    }
    return changed;
  }
}
