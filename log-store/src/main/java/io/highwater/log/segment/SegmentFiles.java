package io.highwater.log.segment;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** Names of the files of a segment: the base offset in 20 digits and a suffix (STO-6). */
public final class SegmentFiles {
  /** Batches. */
  public static final String LOG = ".log";

  /** Offset index. */
  public static final String INDEX = ".index";

  /** Time index. */
  public static final String TIME_INDEX = ".timeindex";

  /** What markers in the segment aborted, in Kafka's format; there only when they did. */
  public static final String TRANSACTION_INDEX = ".txnindex";

  /** Producer state as of the base offset, in Kafka's format. */
  public static final String SNAPSHOT = ".snapshot";

  /** What Kafka's snapshot has no room for. */
  public static final String SNAPSHOT_RECENT = ".snapshot-recent";

  /** Size, end and index checksums of a segment that is not written any more. */
  public static final String MANIFEST = ".manifest";

  /** Follows the suffix of a file that compaction writes; means nothing yet. */
  public static final String CLEANED = ".cleaned";

  /** Follows the suffix of a file that is to replace others. */
  public static final String SWAP = ".swap";

  /** What belongs to a segment and goes when it goes. */
  public static final List<String> OF_SEGMENT =
      List.of(LOG, INDEX, TIME_INDEX, TRANSACTION_INDEX, MANIFEST);

  private static final int DIGITS = 20;

  private SegmentFiles() {}

  /** The file of {@code baseOffset} with {@code suffix} in {@code directory}. */
  public static Path path(Path directory, long baseOffset, String suffix) {
    return directory.resolve(name(baseOffset, suffix));
  }

  /** The name of the file of {@code baseOffset} with {@code suffix}. */
  public static String name(long baseOffset, String suffix) {
    String number = Long.toString(baseOffset);
    return "0".repeat(DIGITS - number.length()) + number + suffix;
  }

  /** The offset in a name that ends on {@code suffix}; empty for any other name. */
  public static OptionalLong offsetOf(String name, String suffix) {
    if (name.length() != DIGITS + suffix.length() || !name.endsWith(suffix)) {
      return OptionalLong.empty();
    }
    for (int i = 0; i < DIGITS; i++) {
      if (name.charAt(i) < '0' || name.charAt(i) > '9') {
        return OptionalLong.empty();
      }
    }
    try {
      return OptionalLong.of(Long.parseLong(name, 0, DIGITS, 10));
    } catch (NumberFormatException e) {
      return OptionalLong.empty(); // Twenty digits can say more than a long holds.
    }
  }
}
