package io.highwater.log.compact;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.DirectBuffer;

/**
 * SipHash-2-4 with a result of 128 bits (Aumasson and Bernstein): a pseudo-random function of short
 * inputs under a secret. One thread at a time; allocates nothing.
 */
final class SipHash128 {
  private final long secret0;
  private final long secret1;
  private long high;
  private long low;

  SipHash128(long secret0, long secret1) {
    this.secret0 = secret0;
    this.secret1 = secret1;
  }

  /** Computes the hash of some bytes; {@link #high} and {@link #low} have it. */
  void hash(DirectBuffer buffer, int offset, int length) {
    // The state stays in registers, which methods for its parts would take it out of.
    long a = secret0 ^ 0x736f6d6570736575L;
    long b = secret1 ^ 0x646f72616e646f6dL ^ 0xee;
    long c = secret0 ^ 0x6c7967656e657261L;
    long d = secret1 ^ 0x7465646279746573L;
    int steps = (length >>> 3) + 3;
    for (int step = 0; step < steps; step++) {
      int ending = step - steps + 3;
      long word = 0;
      int rounds = 2;
      if (ending < 0) {
        word = buffer.getLong(offset + step * Long.BYTES, LITTLE_ENDIAN);
      } else if (ending == 0) {
        word = lastWord(buffer, offset, length);
      } else {
        rounds = 4;
        if (ending == 1) {
          c ^= 0xee;
        } else {
          high = a ^ b ^ c ^ d;
          b ^= 0xdd;
        }
      }
      d ^= word;
      for (int round = 0; round < rounds; round++) {
        a += b;
        b = Long.rotateLeft(b, 13) ^ a;
        a = Long.rotateLeft(a, 32);
        c += d;
        d = Long.rotateLeft(d, 16) ^ c;
        a += d;
        d = Long.rotateLeft(d, 21) ^ a;
        c += b;
        b = Long.rotateLeft(b, 17) ^ c;
        c = Long.rotateLeft(c, 32);
      }
      a ^= word;
    }
    low = a ^ b ^ c ^ d;
  }

  private static long lastWord(DirectBuffer buffer, int offset, int length) {
    int rest = length & 7;
    long word = (long) length << 56;
    for (int i = rest - 1; i >= 0; i--) {
      word |= (buffer.getByte(offset + length - rest + i) & 0xffL) << (8 * i);
    }
    return word;
  }

  /** The first eight bytes of the result, read little-endian. */
  long high() {
    return high;
  }

  /** The other eight. */
  long low() {
    return low;
  }
}
