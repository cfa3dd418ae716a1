package io.highwater.log.verify;

import java.nio.file.Path;

/**
 * Damage that was found.
 *
 * @param file where
 * @param position of the first byte that is not as it should be, or {@link #WHOLE_FILE}
 * @param what is wrong, for people
 */
public record Problem(Path file, long position, String what) {
  /** Stands for the file as a whole. */
  public static final long WHOLE_FILE = -1;

  /** A problem of a whole file. */
  public static Problem of(Path file, String what) {
    return new Problem(file, WHOLE_FILE, what);
  }

  @Override
  public String toString() {
    return position == WHOLE_FILE
        ? file + ": " + what
        : file + " at position " + position + ": " + what;
  }
}
