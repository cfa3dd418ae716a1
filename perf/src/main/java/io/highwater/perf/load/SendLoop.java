package io.highwater.perf.load;

import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/** One producer's part of a phase: sends its records in their time and flushes. */
final class SendLoop {
  /** Without a pace every so-manieth record is timed, and the clock looked at. */
  static final int SAMPLE_EVERY = 64;

  private final RecordSink sink;
  private final PayloadSequence payloads;
  private final LoadClock clock;
  private final BooleanSupplier stop;

  private long records;
  private long bytes;
  private long checksum;

  /**
   * @param payloads what is sent, in turn
   * @param stop whether to send no more
   */
  SendLoop(RecordSink sink, PayloadSequence payloads, LoadClock clock, BooleanSupplier stop) {
    this.sink = sink;
    this.payloads = payloads;
    this.clock = clock;
    this.stop = stop;
  }

  /** What was sent. */
  Tally sent() {
    return new Tally(records, bytes, checksum);
  }

  /** As many as the client takes. */
  void unpaced(Extent extent, long startNanos, SendCompletion completion) {
    long limit = limitOf(extent);
    long endNanos = endOf(extent, startNanos);
    for (long n = 0; n < limit; n++) {
      long token = SendCompletion.NO_TOKEN;
      if (n % SAMPLE_EVERY == 0) {
        token = clock.nanoTime();
        if (token - endNanos >= 0 || stop.getAsBoolean()) {
          break;
        }
      }
      send(token, completion);
    }
    sink.flush();
  }

  /**
   * By the clock, whatever the answers do.
   *
   * @param lag hears how long after its time each record was handed over
   */
  void paced(Extent extent, Pace pace, long startNanos, SendCompletion completion, LatencyLog lag) {
    long limit = limitOf(extent);
    long endNanos = endOf(extent, startNanos);
    for (long n = 0; n < limit && !stop.getAsBoolean(); n++) {
      long due = pace.dueNanos(n);
      if (due - endNanos >= 0) {
        break;
      }
      clock.sleepUntil(due);
      lag.record(clock.nanoTime() - due);
      send(due, completion);
    }
    sink.flush();
  }

  /**
   * One after the other: the next is sent, at its time or at once, when the one before has been
   * answered. Timed until this thread knows of the answer.
   *
   * @param pace null for at once
   * @param latencies hears how long each took
   */
  void synchronous(
      Extent extent, Pace pace, long startNanos, SendCompletion completion, LatencyLog latencies) {
    long limit = limitOf(extent);
    long endNanos = endOf(extent, startNanos);
    Semaphore answered = new Semaphore(0);
    SendCompletion waking =
        (token, failure) -> {
          completion.completed(SendCompletion.NO_TOKEN, failure);
          answered.release();
        };
    for (long n = 0; n < limit && !stop.getAsBoolean(); n++) {
      long begin = pace == null ? clock.nanoTime() : pace.dueNanos(n);
      if (begin - endNanos >= 0) {
        break;
      }
      if (pace != null) {
        clock.sleepUntil(begin);
      }
      send(begin, waking);
      answered.acquireUninterruptibly();
      latencies.record(clock.nanoTime() - begin);
    }
  }

  private void send(long token, SendCompletion completion) {
    byte[] payload = payloads.next(token);
    checksum += payloads.checksum() & 0xffff_ffffL;
    bytes += payload.length;
    records++;
    sink.send(RecordSink.ANY_PARTITION, payload, token, completion);
  }

  private static long limitOf(Extent extent) {
    return extent.records() > 0 ? extent.records() : Long.MAX_VALUE;
  }

  /** Without a duration the end is as far away as a difference of nanoseconds can say. */
  private static long endOf(Extent extent, long startNanos) {
    return startNanos
        + (extent.durationMs() > 0 ? extent.durationMs() * 1_000_000L : Long.MAX_VALUE / 2);
  }
}
