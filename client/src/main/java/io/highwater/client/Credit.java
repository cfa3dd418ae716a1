package io.highwater.client;

/**
 * A cumulative grant: how much may have been sent since the stream began. One batch may overdraw
 * it.
 *
 * @param bytes of batches
 * @param records 0 for no limit
 */
public record Credit(long bytes, long records) {
  /** Nothing granted yet. */
  public static final Credit NONE = new Credit(0, 0);

  /** Whether more may be sent after what was sent already. */
  public boolean allowsAfter(long sentBytes, long sentRecords) {
    return sentBytes < bytes && (records == 0 || sentRecords < records);
  }
}
