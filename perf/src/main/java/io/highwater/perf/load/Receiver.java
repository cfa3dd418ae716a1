package io.highwater.perf.load;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The reading side of an end-to-end run: a consumer client on a thread of its own, from before the
 * first send until all that was sent is read. Times stamped records when {@code poll} hands them
 * over.
 */
final class Receiver {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final RecordSource source;
  private final LoadClock clock;
  private final LatencyLog latencies;
  private final TallyVisitor tally = new TallyVisitor();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread daemon = new Thread(task, "load-receiver");
            daemon.setDaemon(true);
            return daemon;
          });
  private final Future<Tally> reading;
  private volatile long measuredFromNanos = Long.MAX_VALUE;
  private volatile long wanted = Long.MAX_VALUE;

  /** Begins to read. */
  Receiver(RecordSource source, LoadClock clock, LatencyLog latencies) {
    this.source = source;
    this.clock = clock;
    this.latencies = latencies;
    this.reading = thread.submit(this::read);
  }

  /** Records due from this moment on are timed. */
  void measureFrom(long nanos) {
    measuredFromNanos = nanos;
  }

  /**
   * Waits until so many records are read in all, or none came for ten seconds.
   *
   * @throws ExecutionException when the client failed
   */
  Tally finish(long records) throws ExecutionException {
    wanted = records;
    thread.shutdown();
    try {
      return reading.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Tally.NONE;
    }
  }

  private Tally read() {
    RecordVisitor timing = this::record;
    long lastNanos = clock.nanoTime();
    while (tally.seenRecords() < wanted) {
      int count = source.poll(POLL, timing);
      tally.publish();
      if (count > 0 || wanted == Long.MAX_VALUE) {
        lastNanos = clock.nanoTime();
      } else if (clock.nanoTime() - lastNanos > SILENCE_NANOS) {
        break;
      }
    }
    return tally.tally();
  }

  private void record(int partition, long offset, byte[] array, int from, int length) {
    long due = StampedPayloads.stampOf(array, from, length);
    if (due != SendCompletion.NO_TOKEN && due >= measuredFromNanos) {
      latencies.record(clock.nanoTime() - due);
    }
    tally.record(partition, offset, array, from, length);
  }
}
