package io.highwater.perf.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.zip.CRC32C;

/**
 * Payloads whose first bytes say when they were due, so that who reads them knows how long they
 * took. Each is a copy: clients may keep what they are given.
 */
final class StampedPayloads implements PayloadSequence {
  /** The stamp: so many hexadecimal digits. */
  static final int STAMP_BYTES = 16;

  private static final byte[] DIGITS = "0123456789abcdef".getBytes(US_ASCII);
  private static final int BITS_PER_DIGIT = 4;

  private final PayloadSequence plain;
  private final CRC32C crc = new CRC32C();
  private int checksum;

  StampedPayloads(PayloadSequence plain) {
    this.plain = plain;
  }

  @Override
  public byte[] next(long beginNanos) {
    byte[] from = plain.next(beginNanos);
    byte[] stamped = new byte[Math.max(STAMP_BYTES, from.length)];
    System.arraycopy(from, 0, stamped, 0, from.length);
    long left = beginNanos;
    for (int i = STAMP_BYTES - 1; i >= 0; i--) {
      stamped[i] = DIGITS[(int) (left & 0xf)];
      left >>>= BITS_PER_DIGIT;
    }
    checksum = Payloads.checksum(crc, stamped, 0, stamped.length);
    return stamped;
  }

  @Override
  public int checksum() {
    return checksum;
  }

  /**
   * When a record was due.
   *
   * @return {@link SendCompletion#NO_TOKEN} when it is none of these
   */
  static long stampOf(byte[] array, int from, int length) {
    if (length < STAMP_BYTES) {
      return SendCompletion.NO_TOKEN;
    }
    long stamp = 0;
    for (int i = from; i < from + STAMP_BYTES; i++) {
      int digit = Character.digit(array[i], 16);
      if (digit < 0) {
        return SendCompletion.NO_TOKEN;
      }
      stamp = stamp << BITS_PER_DIGIT | digit;
    }
    return stamp;
  }
}
