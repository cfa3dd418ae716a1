package io.highwater.proto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Kafka's key hash: MurmurHash2, 32 bits, with Kafka's seed, so that equal keys meet there and
 * here.
 */
public final class Murmur2 {
  private static final int SEED = 0x9747b28c;
  private static final int MULTIPLIER = 0x5bd1e995;
  private static final int SHIFT = 24;
  private static final VarHandle INT_LE =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private Murmur2() {}

  /** The hash of a whole array. */
  public static int hash(byte[] key) {
    return hash(key, 0, key.length);
  }

  /**
   * The hash of a slice.
   *
   * @throws IndexOutOfBoundsException when the slice is not within the array
   */
  public static int hash(byte[] key, int offset, int length) {
    int hash = SEED ^ length;
    int blocksEnd = offset + (length & ~3);
    for (int i = offset; i < blocksEnd; i += 4) {
      int block = (int) INT_LE.get(key, i) * MULTIPLIER;
      block ^= block >>> SHIFT;
      hash = hash * MULTIPLIER ^ block * MULTIPLIER;
    }
    int tail = length & 3;
    if (tail > 0) {
      for (int i = tail - 1; i >= 0; i--) {
        hash ^= (key[blocksEnd + i] & 0xff) << (i << 3);
      }
      hash *= MULTIPLIER;
    }
    hash ^= hash >>> 13;
    hash *= MULTIPLIER;
    return hash ^ hash >>> 15;
  }

  /**
   * The partition that a key belongs to, the same that Kafka's default partitioner picks.
   *
   * @param partitions how many partitions the topic has, at least 1
   */
  public static int partition(byte[] key, int partitions) {
    return (hash(key) & 0x7fffffff) % partitions;
  }
}
