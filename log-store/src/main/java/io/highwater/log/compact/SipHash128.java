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
  private long v0;
  private long v1;
  private long v2;
  private long v3;
  private long high;
  private long low;

  SipHash128(long secret0, long secret1) {
    this.secret0 = secret0;
    this.secret1 = secret1;
  }

  /** Computes the hash of some bytes; {@link #high} and {@link #low} have it. */
  void hash(DirectBuffer buffer, int offset, int length) {
    v0 = secret0 ^ 0x736f6d6570736575L;
    v1 = secret1 ^ 0x646f72616e646f6dL ^ 0xee;
    v2 = secret0 ^ 0x6c7967656e657261L;
    v3 = secret1 ^ 0x7465646279746573L;
    int wordsEnd = offset + (length & ~7);
    for (int at = offset; at < wordsEnd; at += Long.BYTES) {
      compress(buffer.getLong(at, LITTLE_ENDIAN));
    }
    long last = (long) length << 56;
    for (int i = length & 7; i > 0; i--) {
      last |= (buffer.getByte(wordsEnd + i - 1) & 0xffL) << (8 * (i - 1));
    }
    compress(last);
    v2 ^= 0xee;
    rounds(4);
    high = v0 ^ v1 ^ v2 ^ v3;
    v1 ^= 0xdd;
    rounds(4);
    low = v0 ^ v1 ^ v2 ^ v3;
  }

  /** The first eight bytes of the result, read little-endian. */
  long high() {
    return high;
  }

  /** The other eight. */
  long low() {
    return low;
  }

  private void compress(long word) {
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  }

  private void rounds(int count) {
    long a = v0;
    long b = v1;
    long c = v2;
    long d = v3;
    for (int i = 0; i < count; i++) {
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
    v0 = a;
    v1 = b;
    v2 = c;
    v3 = d;
  }
}
