package io.highwater.log.salvage;

import java.nio.file.Path;
import java.util.List;

/**
 * What is left of a segment. Of each kind of finding a bounded number is listed.
 *
 * @param file the segment's log file
 * @param bytes in it
 * @param intact what can be read
 * @param damaged bytes that are no sound batch
 * @param missing offsets that no sound batch has, up to where the next segment begins; in a log
 *     that was compacted only those beside damage, since others may be gone rightly
 * @param unreadable sound batches whose records no reader can make out
 * @param unlisted findings beyond those listed
 */
public record SegmentRest(
    Path file,
    long bytes,
    Intact intact,
    List<DamagedBytes> damaged,
    List<OffsetRange> missing,
    List<UnreadableBatch> unreadable,
    long unlisted) {
  /**
   * What can be read.
   *
   * @param batches that are sound and readable
   * @param records in them, markers of transactions left out
   * @param offsets of them, interrupted where something is missing or unreadable
   */
  public record Intact(long batches, long records, List<OffsetRange> offsets) {}

  /**
   * Bytes that are no sound batch.
   *
   * @param position of the first one in the file
   * @param bytes how many
   * @param what is wrong where they begin, for people
   */
  public record DamagedBytes(long position, long bytes, String what) {}

  /**
   * A batch whose checksum is right and whose records are not.
   *
   * @param position in the file
   * @param offsets of the batch
   * @param what is wrong, for people
   */
  public record UnreadableBatch(long position, OffsetRange offsets, String what) {}
}
