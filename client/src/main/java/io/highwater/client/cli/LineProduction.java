package io.highwater.client.cli;

import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/**
 * Sends lines until they end, one of them fails or somebody stops it. Memory is bounded by the
 * producer's buffer. {@link #stop}, {@link #summary} and {@link #throwFailure} may be called from
 * any thread.
 */
final class LineProduction {
  /**
   * What was sent.
   *
   * @param records acknowledged
   * @param bytes of their keys and values
   * @param seconds since the first line was asked for
   */
  record Summary(long records, long bytes, double seconds) {
    String text() {
      return String.format(
          Locale.ROOT,
          "produced %,d records, %,d bytes in %.2f s: %,.0f records/s, %.2f MB/s",
          records,
          bytes,
          seconds,
          records / seconds,
          bytes / seconds / 1e6);
    }
  }

  private final Producer producer;
  private final LineRecords lines;
  private final long startNanos = System.nanoTime();
  private final LongAdder acknowledged = new LongAdder();
  private final LongAdder acknowledgedBytes = new LongAdder();
  private final AtomicReference<HighwaterException> failure = new AtomicReference<>();
  private volatile boolean stopped;

  LineProduction(Producer producer, LineRecords lines) {
    this.producer = producer;
    this.lines = lines;
  }

  /**
   * Sends and waits for the answers. When a line cannot be read or is too long, the ones before it
   * are still waited for. Returns early once it was stopped: whoever did so waits.
   */
  void run() throws IOException {
    try {
      ProducerRecord record = lines.next();
      while (record != null && failure.get() == null && send(record)) {
        record = lines.next();
      }
    } finally {
      if (!stopped) {
        producer.flush();
      }
    }
  }

  /**
   * Sends no more, and closes the producer.
   *
   * @param patience how long to wait for answers to what has been sent; lines without one have
   *     failed then
   */
  void stop(Duration patience) {
    stopped = true;
    producer.close(patience);
  }

  /** How far it came. */
  Summary summary() {
    double seconds =
        Math.max(1, System.nanoTime() - startNanos) / (double) TimeUnit.SECONDS.toNanos(1);
    return new Summary(acknowledged.sum(), acknowledgedBytes.sum(), seconds);
  }

  /**
   * Says when a line failed.
   *
   * @throws HighwaterException the first failure, naming its line
   */
  void throwFailure() {
    HighwaterException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
  }

  private boolean send(ProducerRecord record) {
    long line = lines.lineNumber();
    long bytes = record.value().length + (record.key() == null ? 0L : record.key().length);
    try {
      producer.send(record, (metadata, failed) -> answered(line, bytes, failed));
    } catch (IllegalStateException closed) {
      if (!stopped) {
        throw closed;
      }
    }
    return !stopped;
  }

  private void answered(long line, long bytes, HighwaterException failed) {
    if (failed == null) {
      acknowledged.increment();
      acknowledgedBytes.add(bytes);
    } else {
      failure.compareAndSet(
          null,
          new HighwaterException(
              failed.code(),
              failed.outcome(),
              "line " + line + ": " + failed.getMessage(),
              failed));
    }
  }
}
