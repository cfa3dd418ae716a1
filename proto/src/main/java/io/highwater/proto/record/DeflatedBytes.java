package io.highwater.proto.record;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Takes what codecs write, from their streams or straight into its array, and gives the array away
 * without a copy.
 */
final class DeflatedBytes extends ByteArrayOutputStream {
  DeflatedBytes(int initialBytes) {
    super(initialBytes);
  }

  /** Holds the bytes from 0 to {@link #size()}; another one once more is written. */
  byte[] array() {
    return buf;
  }

  /** The array, with room for {@code bytes} more at {@link #size()}. */
  byte[] reserve(int bytes) {
    int needed = Math.addExact(count, bytes);
    if (needed > buf.length) {
      buf = Arrays.copyOf(buf, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, 2L * count)));
    }
    return buf;
  }

  /** So many bytes were put into the array at {@link #size()}. */
  void wrote(int bytes) {
    count += bytes;
  }
}
