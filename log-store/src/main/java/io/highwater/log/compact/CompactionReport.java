package io.highwater.log.compact;

/**
 * What a cleaning did.
 *
 * @param startedMs wall clock
 * @param durationMs of the whole run
 * @param cleanedTo exclusive end of what is clean now
 * @param bytesIn of the segments that were cleaned
 * @param bytesOut of those that took their place
 * @param recordsIn read
 * @param recordsOut kept
 * @param keys in the key map
 * @param complete whether it reached the end of its plan; otherwise the keys did not fit, and the
 *     next run goes on
 */
public record CompactionReport(
    long startedMs,
    long durationMs,
    long cleanedTo,
    long bytesIn,
    long bytesOut,
    long recordsIn,
    long recordsOut,
    int keys,
    boolean complete) {

  /** Bytes out for each byte in. */
  public double ratio() {
    return bytesIn == 0 ? 1 : (double) bytesOut / bytesIn;
  }
}
