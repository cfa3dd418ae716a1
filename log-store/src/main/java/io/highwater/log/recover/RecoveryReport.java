package io.highwater.log.recover;

/**
 * What opening a log found and did.
 *
 * @param clean whether the log was closed properly and nothing had to be checked
 * @param scannedBytes bytes whose CRC was checked
 * @param cutBytes bytes of a torn tail that were cut off, whole segments included
 * @param endOffset where the log ends now
 * @param checkpointedHighWatermark high watermark on disk; above {@code endOffset} it tells that
 *     committed records are gone here (REC-5)
 * @param problem why the tail was cut, or null
 */
public record RecoveryReport(
    boolean clean,
    long scannedBytes,
    long cutBytes,
    long endOffset,
    long checkpointedHighWatermark,
    String problem) {

  /** Whether records below the last known high watermark are missing here. */
  public boolean lostCommitted() {
    return checkpointedHighWatermark > endOffset;
  }
}
