package io.highwater.client.cli;

import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.client.producer.RecordMetadata;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;

/**
 * Sends all records of a source with acks=all and enters every answer into the ledger. {@link #run}
 * is for one thread; answers come on the producer's event loop; the figures are whole once it
 * returned.
 */
final class QuickstartLoad {
  private static final long MAX_LATENCY_NANOS = TimeUnit.MINUTES.toNanos(10);
  private static final int WATCHED_PARTITION = 0;

  // Enough to keep the brokers busy, so little that latency is theirs and not that of a queue here.
  private static final int IN_FLIGHT_BYTES = 512 * 1024;
  private static final int RECORD_OVERHEAD_BYTES = 32;

  private final Producer producer;
  private final AckLedger ledger;
  private final LeaderGap gap;
  private final Progress progress;
  private final Semaphore inFlightBytes = new Semaphore(IN_FLIGHT_BYTES);
  private final Histogram latencyNanos = new Histogram(MAX_LATENCY_NANOS, 3);
  private final AtomicReference<HighwaterException> failure = new AtomicReference<>();
  private long records;
  private long bytes;
  private long durationNanos;

  QuickstartLoad(Producer producer, AckLedger ledger, LeaderGap gap, Progress progress) {
    this.producer = producer;
    this.ledger = ledger;
    this.gap = gap;
    this.progress = progress;
  }

  /**
   * Sends everything and waits for the answers.
   *
   * @param atHalf run once, when half is sent
   * @param atThreeQuarters run once, when three quarters are sent or everything is
   * @throws HighwaterException the first failure
   */
  void run(RecordSource source, Runnable atHalf, Runnable atThreeQuarters) throws IOException {
    long startNanos = System.nanoTime();
    Milestone half = new Milestone(0.5, atHalf);
    Milestone threeQuarters = new Milestone(0.75, atThreeQuarters);
    for (ProducerRecord record = source.next();
        record != null && failure.get() == null;
        record = source.next()) {
      send(record);
      double fraction = source.progress();
      progress.at(fraction, "records sent", records);
      half.at(fraction);
      threeQuarters.at(fraction);
    }
    half.at(1);
    threeQuarters.at(1);
    producer.flush();
    durationNanos = System.nanoTime() - startNanos;
    HighwaterException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
  }

  /** How many records were sent. */
  long records() {
    return records;
  }

  /** Bytes of their keys and values. */
  long bytes() {
    return bytes;
  }

  /** From the first send to the last answer. */
  long durationNanos() {
    return durationNanos;
  }

  /** From each record's send to its answer. */
  Histogram latencyNanos() {
    return latencyNanos;
  }

  private void send(ProducerRecord record) {
    byte[] key = record.key();
    byte[] value = record.value();
    int recordBytes = value.length + (key == null ? 0 : key.length);
    records++;
    bytes += recordBytes;
    int permits = Math.min(recordBytes + RECORD_OVERHEAD_BYTES, IN_FLIGHT_BYTES);
    inFlightBytes.acquireUninterruptibly(permits);
    int sequence = ledger.sent();
    long fingerprint = AckLedger.fingerprint(key, value);
    long sentNanos = System.nanoTime();
    producer.send(
        record,
        (metadata, failed) -> {
          inFlightBytes.release(permits);
          if (failed == null) {
            acknowledged(metadata, sequence, key, fingerprint, sentNanos);
          } else {
            failure.compareAndSet(
                null,
                new HighwaterException(
                    failed.code(),
                    "record " + (sequence + 1) + ": " + failed.getMessage(),
                    failed));
          }
        });
  }

  private void acknowledged(
      RecordMetadata metadata, int sequence, byte[] key, long fingerprint, long sentNanos) {
    long nowNanos = System.nanoTime();
    latencyNanos.recordValue(Math.min(nowNanos - sentNanos, MAX_LATENCY_NANOS));
    if (metadata.partition() == WATCHED_PARTITION) {
      gap.acknowledged(nowNanos);
    }
    ledger.acknowledged(sequence, key, fingerprint, metadata.partition(), metadata.offset());
  }

  /** Something to be done once, at a part of the way. */
  private static final class Milestone {
    private final double fraction;
    private final Runnable action;
    private boolean passed;

    Milestone(double fraction, Runnable action) {
      this.fraction = fraction;
      this.action = action;
    }

    void at(double now) {
      if (!passed && now >= fraction) {
        passed = true;
        action.run();
      }
    }
  }
}
