package io.highwater.perf.load;

import java.io.FileNotFoundException;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;
import org.HdrHistogram.Recorder;

/**
 * Latencies in nanoseconds: recorded from any thread, summed up by one, and written to a
 * HdrHistogram log interval by interval when wanted.
 */
final class LatencyLog implements AutoCloseable {
  private static final long MAX_NANOS = TimeUnit.HOURS.toNanos(1);
  private static final int DIGITS = 3;

  private final Recorder recorder = new Recorder(MAX_NANOS, DIGITS);
  private final Histogram total = new Histogram(MAX_NANOS, DIGITS);
  private final HistogramLogWriter writer;
  private Histogram interval;

  /**
   * @param file of the histogram log, or null for none
   * @throws FileNotFoundException when the file cannot be written
   */
  LatencyLog(String file) throws FileNotFoundException {
    this.writer = file == null ? null : new HistogramLogWriter(file);
    if (writer != null) {
      writer.outputComment("[latencies in nanoseconds; interval maxima in milliseconds]");
      writer.outputLogFormatVersion();
    }
  }

  /** Records one; those below 0 or above an hour count as 0 and as an hour. From any thread. */
  void record(long nanos) {
    recorder.recordValue(Math.max(0, Math.min(MAX_NANOS, nanos)));
  }

  /** Forgets what came until now and begins. */
  void start() {
    recorder.reset();
    total.reset();
    if (writer != null) {
      long now = System.currentTimeMillis();
      writer.outputStartTime(now);
      writer.setBaseTime(now);
      writer.outputBaseTime(now);
      writer.outputLegend();
    }
  }

  /** Ends an interval. */
  void endInterval() {
    interval = recorder.getIntervalHistogram(interval);
    total.add(interval);
    if (writer != null) {
      // Whose maxima are by default divided by a million: milliseconds.
      writer.outputIntervalHistogram(interval);
    }
  }

  /** What was recorded in the intervals that have ended. */
  Histogram total() {
    return total;
  }

  @Override
  public void close() {
    if (writer != null) {
      writer.close();
    }
  }
}
