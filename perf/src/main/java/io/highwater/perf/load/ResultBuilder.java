package io.highwater.perf.load;

import java.util.List;
import org.HdrHistogram.Histogram;

/** Puts a {@link LoadResult} together and works out what follows from the rest. */
final class ResultBuilder {
  private final LoadSpec spec;
  private long warmupRecords;
  private double warmupSeconds;
  private long records;
  private long bytes;
  private double seconds;
  private Latency latency;
  private Latency sendLag;
  private double clientCpuMicrosPerRecord;
  private List<LoadResult.BrokerCpu> brokers = List.of();
  private double allocatedBytesPerRecord;
  private long gcMillis;
  private long failures;
  private String failure;
  private Tally written;
  private Verification verification;
  private boolean interrupted;

  ResultBuilder(LoadSpec spec) {
    this.spec = spec;
  }

  ResultBuilder warmup(long warmupRecords, double warmupSeconds) {
    this.warmupRecords = warmupRecords;
    this.warmupSeconds = warmupRecords == 0 ? 0 : warmupSeconds;
    return this;
  }

  /**
   * @param tally of what was sent or read
   * @param records of these that were acknowledged
   */
  ResultBuilder measured(long records, Tally tally, double seconds) {
    this.records = records;
    // Where records failed nobody counts the bytes of the others: their share will do.
    this.bytes =
        tally.records() == records
            ? tally.bytes()
            : Math.round((double) tally.bytes() / tally.records() * records);
    this.seconds = seconds;
    return this;
  }

  ResultBuilder latency(Histogram nanos, Latency.From from) {
    this.latency = Latency.of(nanos, from);
    return this;
  }

  /**
   * @param nanos null when nothing was paced
   */
  ResultBuilder sendLag(Histogram nanos) {
    this.sendLag = nanos == null ? null : Latency.of(nanos, Latency.From.INTENDED);
    return this;
  }

  /** To be called after {@link #measured}. */
  ResultBuilder resources(
      ResourceMeter meter, ResourceMeter.Reading begin, ResourceMeter.Reading end) {
    this.clientCpuMicrosPerRecord =
        ResourceMeter.perRecord((end.cpuNanos() - begin.cpuNanos()) / 1e3, records);
    this.brokers = meter.brokers(begin, end, records);
    this.allocatedBytesPerRecord =
        ResourceMeter.perRecord((double) ResourceMeter.allocatedBytes(begin, end), records);
    this.gcMillis = end.gcMillis() - begin.gcMillis();
    return this;
  }

  /** The first of the causes that is there becomes the text. */
  ResultBuilder failures(long failures, Throwable... causes) {
    this.failures = failures;
    for (Throwable cause : causes) {
      if (cause != null && failure == null) {
        failure = cause.getClass().getSimpleName() + ": " + cause.getMessage();
      }
    }
    return this;
  }

  ResultBuilder failure(String failure) {
    this.failure = failure;
    return this;
  }

  /** What was sent; left out of the result when not all of it arrived. */
  ResultBuilder written(Tally written) {
    this.written = written;
    return this;
  }

  ResultBuilder verification(Verification verification) {
    this.verification = verification;
    return this;
  }

  ResultBuilder interrupted(boolean interrupted) {
    this.interrupted = interrupted;
    return this;
  }

  LoadResult build() {
    return new LoadResult(
        spec,
        warmupRecords,
        warmupSeconds,
        records,
        bytes,
        seconds,
        seconds == 0 ? 0 : records / seconds,
        seconds == 0 ? 0 : bytes / seconds / 1e6,
        latency,
        sendLag,
        clientCpuMicrosPerRecord,
        brokers,
        allocatedBytesPerRecord,
        gcMillis,
        failures,
        failure,
        failures == 0 ? written : null,
        verification,
        interrupted);
  }
}
