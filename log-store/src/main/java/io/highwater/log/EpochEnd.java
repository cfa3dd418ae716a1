package io.highwater.log;

/**
 * Where a leader epoch ends in a log (KIP-101, KIP-279).
 *
 * @param epoch the largest epoch of the log that is not above the one asked for, or {@link #NONE}
 * @param endOffset exclusive end of that epoch; for {@link #NONE} the offset below which nothing is
 *     known
 */
public record EpochEnd(int epoch, long endOffset) {
  /** Stands for "the log has no such epoch". */
  public static final int NONE = -1;
}
