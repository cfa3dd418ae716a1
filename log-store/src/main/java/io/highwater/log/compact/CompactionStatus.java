package io.highwater.log.compact;

import java.util.Optional;

/**
 * How the compaction of a log went since it was opened.
 *
 * @param runs that came to an end
 * @param bytesIn of all runs
 * @param bytesOut of all runs
 * @param last run
 * @param fault why the log is not compacted any more
 */
public record CompactionStatus(
    int runs,
    long bytesIn,
    long bytesOut,
    Optional<CompactionReport> last,
    Optional<String> fault) {
  /** Of a log that was just opened. */
  public static final CompactionStatus NEVER_RAN =
      new CompactionStatus(0, 0, 0, Optional.empty(), Optional.empty());

  CompactionStatus after(CompactionReport report) {
    return new CompactionStatus(
        runs + 1,
        bytesIn + report.bytesIn(),
        bytesOut + report.bytesOut(),
        Optional.of(report),
        fault);
  }

  CompactionStatus failed(String why) {
    return new CompactionStatus(runs, bytesIn, bytesOut, last, Optional.of(why));
  }
}
