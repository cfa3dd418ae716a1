package io.highwater.proto.record;

/**
 * Zig-zag varints as records use them: seven bits a byte, least significant first, the high bit set
 * on all but the last. Small numbers of either sign are short.
 */
public final class Varints {
  /** Most bytes that an int takes. */
  public static final int MAX_INT_BYTES = 5;

  /** Most bytes that a long takes. */
  public static final int MAX_LONG_BYTES = 10;

  private Varints() {}

  /** How many bytes {@code value} takes: 1 to {@link #MAX_INT_BYTES}. */
  public static int sizeOf(int value) {
    return sizeOf((long) value);
  }

  /** How many bytes {@code value} takes: 1 to {@link #MAX_LONG_BYTES}. */
  public static int sizeOf(long value) {
    int significantBits = Long.SIZE - Long.numberOfLeadingZeros(zigZag(value));
    // ceil(bits / 7), at least 1, without a division: exact for 0 to 64 bits.
    return (9 * significantBits + 64) >>> 6;
  }

  /**
   * Writes a number.
   *
   * @return the position after it
   */
  public static int put(byte[] target, int position, long value) {
    long rest = zigZag(value);
    int at = position;
    while ((rest & ~0x7fL) != 0) {
      target[at++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    target[at++] = (byte) rest;
    return at;
  }

  static long zigZag(long value) {
    return value << 1 ^ value >> 63;
  }

  static int unZigZag(int encoded) {
    return encoded >>> 1 ^ -(encoded & 1);
  }

  static long unZigZag(long encoded) {
    return encoded >>> 1 ^ -(encoded & 1);
  }
}
