package io.highwater.log.segment;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The CRC32C of a log file, carried along as the file grows: what comes is added to what was there
 * before without reading that again. One thread.
 */
public final class LogCrc {
  /** Stands for the checksum of a file that nobody has read or written as a whole. */
  public static final long UNKNOWN = -1;

  /** The polynomial, bits reflected: the top bit stands for x^0. */
  private static final int POLYNOMIAL = 0x82F63B78;

  private static final int ONE = 1 << 31;
  private static final int X_TO_THE_8TH = 1 << 23;

  private final long before;
  private final CRC32C since = new CRC32C();
  private long bytesSince;

  /**
   * Goes on with a file.
   *
   * @param before checksum of what it holds, or {@link #UNKNOWN}; 0 for an empty one
   */
  public LogCrc(long before) {
    this.before = before;
  }

  /** Takes in the bytes that follow; {@code bytes} is consumed. */
  public void update(ByteBuffer bytes) {
    bytesSince += bytes.remaining();
    since.update(bytes);
  }

  /** Checksum of the whole file, unsigned, or {@link #UNKNOWN}. */
  public long value() {
    if (before == UNKNOWN) {
      return UNKNOWN;
    }
    int shifted = multiply((int) before, shift(bytesSince));
    return Integer.toUnsignedLong(shifted ^ (int) since.getValue());
  }

  /** x to the power of the bits in so many bytes: what a checksum is multiplied by to follow. */
  private static int shift(long bytes) {
    int power = ONE;
    int square = X_TO_THE_8TH;
    for (long left = bytes; left > 0; left >>>= 1) {
      if ((left & 1) != 0) {
        power = multiply(power, square);
      }
      square = multiply(square, square);
    }
    return power;
  }

  /** The product of two polynomials modulo that of the checksum. */
  private static int multiply(int one, int other) {
    int product = 0;
    int shifted = other;
    for (int bit = ONE; bit != 0; bit >>>= 1) {
      if ((one & bit) != 0) {
        product ^= shifted;
      }
      shifted = (shifted >>> 1) ^ ((shifted & 1) != 0 ? POLYNOMIAL : 0);
    }
    return product;
  }
}
