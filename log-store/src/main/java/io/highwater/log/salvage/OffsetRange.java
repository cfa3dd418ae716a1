package io.highwater.log.salvage;

/**
 * Offsets that follow each other.
 *
 * @param firstOffset of them
 * @param lastOffset inclusive
 */
public record OffsetRange(long firstOffset, long lastOffset) {
  @Override
  public String toString() {
    return firstOffset == lastOffset
        ? Long.toString(firstOffset)
        : firstOffset + " to " + lastOffset;
  }
}
