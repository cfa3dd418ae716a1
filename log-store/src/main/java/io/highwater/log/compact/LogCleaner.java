package io.highwater.log.compact;

import io.highwater.proto.HighwaterException;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses which log is cleaned next and cleans it, one at a time: overdue ones first, then the one
 * with the greatest dirty part. A fault stays with its log (CMP-5). Who calls it decides about
 * threads and pauses; see {@link #clean}.
 */
public final class LogCleaner {
  private static final Logger LOG = LoggerFactory.getLogger(LogCleaner.class);

  private record Candidate(LogCompaction log, CompactionPlan plan) {}

  private final Supplier<Stream<LogCompaction>> logs;
  private final CleanerBuffers buffers;

  /**
   * A cleaner.
   *
   * @param logs those that are open, on each call
   * @param buffers its own
   */
  public LogCleaner(Supplier<Stream<LogCompaction>> logs, CleanerBuffers buffers) {
    this.logs = logs;
    this.buffers = buffers;
  }

  /** The log to be cleaned next; empty when none is due. May wait for the disk. */
  public Optional<LogCompaction> next() {
    return logs.get()
        .filter(LogCompaction::isDue)
        .map(log -> new Candidate(log, log.plan()))
        .max(
            Comparator.comparing((Candidate candidate) -> candidate.plan().overdue())
                .thenComparing(candidate -> candidate.plan().dirtyRatio()))
        .map(Candidate::log);
  }

  /**
   * Cleans a log. Waits for the disk and for the throttle; one call at a time.
   *
   * @param live of {@link LogCompaction#liveBatches}, taken on the log's owner thread since the
   *     last run
   * @return whether it did; false when there was nothing to do after all, or no space, or a fault
   */
  public boolean clean(LogCompaction log, LiveBatches live) {
    try {
      return log.run(live, buffers).isPresent();
    } catch (HighwaterException e) {
      LOG.warn("cleaning {} ended early: {}", log.partition(), e.getMessage());
      return false;
    }
  }

  /** Lets a run that is under way, and all later ones, end early without effect. Any thread. */
  public void stop() {
    buffers.stop();
  }
}
