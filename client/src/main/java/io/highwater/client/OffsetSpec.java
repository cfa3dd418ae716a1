package io.highwater.client;

/**
 * Which offset of a partition is wanted.
 *
 * @param kind by what it is found
 * @param timestamp ms since 1970; only for {@link Kind#TIMESTAMP}
 */
public record OffsetSpec(Kind kind, long timestamp) {
  /** The log start offset: the first record that can be read. */
  public static final OffsetSpec EARLIEST = new OffsetSpec(Kind.EARLIEST, 0);

  /** The high watermark: the first offset that is not committed. */
  public static final OffsetSpec LATEST = new OffsetSpec(Kind.LATEST, 0);

  /** The log end offset, committed or not. */
  public static final OffsetSpec LOG_END = new OffsetSpec(Kind.LOG_END, 0);

  /** By what an offset is found. */
  public enum Kind {
    EARLIEST,
    LATEST,
    LOG_END,
    TIMESTAMP
  }

  /**
   * The first record with this timestamp or a later one.
   *
   * @param timestamp ms since 1970
   */
  public static OffsetSpec atOrAfter(long timestamp) {
    return new OffsetSpec(Kind.TIMESTAMP, timestamp);
  }
}
