package io.highwater.log;

import io.highwater.log.append.TimestampBounds;
import io.highwater.log.compact.CompactionConfig;
import io.highwater.log.flush.FlushPolicy;
import io.highwater.log.retain.RetentionConfig;
import io.highwater.proto.record.BatchLayout;
import java.util.Objects;

/**
 * Settings of one partition's log.
 *
 * @param segmentBytes a segment is rolled before it would exceed this many bytes ({@code
 *     segment.bytes})
 * @param rollMs a segment is rolled when its first append is older than this ({@code segment.ms})
 * @param indexIntervalBytes log bytes between two index entries ({@code index.interval.bytes})
 * @param maxIndexBytes a segment is rolled when its offset index reaches this size ({@code
 *     segment.index.bytes})
 * @param maxBatchBytes the largest batch accepted from a client ({@code max.message.bytes})
 * @param producerExpirationMs an idempotent producer silent for longer is forgotten ({@code
 *     producer.id.expiration.ms})
 * @param fileDeleteDelayMs files stay so long after their segment left the log ({@code
 *     file.delete.delay.ms})
 * @param timestamps what a client's records may claim
 * @param retention when segments go
 * @param flush when appends survive a power loss
 * @param compaction whether and when the log is compacted
 * @param validateRecords whether compressed records of clients are looked into before they are
 *     appended ({@code records.validation}); those of a compacted log always are
 */
public record LogConfig(
    int segmentBytes,
    long rollMs,
    int indexIntervalBytes,
    int maxIndexBytes,
    int maxBatchBytes,
    long producerExpirationMs,
    long fileDeleteDelayMs,
    TimestampBounds timestamps,
    RetentionConfig retention,
    FlushPolicy flush,
    CompactionConfig compaction,
    boolean validateRecords) {

  /** Kafka's defaults; the largest batch is 1 MiB. */
  public static final LogConfig DEFAULT =
      new LogConfig(1 << 30, 7 * 86_400_000L, 4096, 10 << 20, 1 << 20, 86_400_000L);

  public LogConfig {
    requireAtLeast("segmentBytes", segmentBytes, BatchLayout.HEADER_BYTES);
    requireAtLeast("rollMs", rollMs, 1);
    requireAtLeast("indexIntervalBytes", indexIntervalBytes, 0);
    requireAtLeast("maxIndexBytes", maxIndexBytes, 64);
    requireAtLeast("maxBatchBytes", maxBatchBytes, BatchLayout.HEADER_BYTES);
    requireAtLeast("producerExpirationMs", producerExpirationMs, 1);
    requireAtLeast("fileDeleteDelayMs", fileDeleteDelayMs, 0);
    Objects.requireNonNull(timestamps, "timestamps");
    Objects.requireNonNull(retention, "retention");
    Objects.requireNonNull(flush, "flush");
    Objects.requireNonNull(compaction, "compaction");
    if (maxBatchBytes > segmentBytes) {
      throw new IllegalArgumentException(
          "maxBatchBytes " + maxBatchBytes + " does not fit segmentBytes " + segmentBytes);
    }
  }

  /** Sizes and ages as given, all else by default. */
  public LogConfig(
      int segmentBytes,
      long rollMs,
      int indexIntervalBytes,
      int maxIndexBytes,
      int maxBatchBytes,
      long producerExpirationMs) {
    this(
        segmentBytes,
        rollMs,
        indexIntervalBytes,
        maxIndexBytes,
        maxBatchBytes,
        producerExpirationMs,
        60_000,
        TimestampBounds.DEFAULT,
        RetentionConfig.DEFAULT,
        FlushPolicy.OS,
        CompactionConfig.DISABLED,
        true);
  }

  /** Whether compressed records of clients are looked into before they are appended (STO-3). */
  public boolean looksIntoRecords() {
    return validateRecords || compaction.enabled();
  }

  private static void requireAtLeast(String name, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(name + " is " + value + ", less than " + least);
    }
  }

  /** A copy with another segment size. */
  public LogConfig withSegmentBytes(int bytes) {
    return new LogConfig(
        bytes,
        rollMs,
        indexIntervalBytes,
        maxIndexBytes,
        maxBatchBytes,
        producerExpirationMs,
        fileDeleteDelayMs,
        timestamps,
        retention,
        flush,
        compaction,
        validateRecords);
  }

  /** A copy with another age limit. */
  public LogConfig withRollMs(long ms) {
    return new LogConfig(
        segmentBytes,
        ms,
        indexIntervalBytes,
        maxIndexBytes,
        maxBatchBytes,
        producerExpirationMs,
        fileDeleteDelayMs,
        timestamps,
        retention,
        flush,
        compaction,
        validateRecords);
  }

  /** A copy with another index density. */
  public LogConfig withIndexIntervalBytes(int bytes) {
    return new LogConfig(
        segmentBytes,
        rollMs,
        bytes,
        maxIndexBytes,
        maxBatchBytes,
        producerExpirationMs,
        fileDeleteDelayMs,
        timestamps,
        retention,
        flush,
        compaction,
        validateRecords);
  }

  /** A copy with another batch limit. */
  public LogConfig withMaxBatchBytes(int bytes) {
    return new LogConfig(
        segmentBytes,
        rollMs,
        indexIntervalBytes,
        maxIndexBytes,
        bytes,
        producerExpirationMs,
        fileDeleteDelayMs,
        timestamps,
        retention,
        flush,
        compaction,
        validateRecords);
  }

  /** A copy with another delay before files go. */
  public LogConfig withFileDeleteDelayMs(long ms) {
    return new LogConfig(
        segmentBytes,
        rollMs,
        indexIntervalBytes,
        maxIndexBytes,
        maxBatchBytes,
        producerExpirationMs,
        ms,
        timestamps,
        retention,
        flush,
        compaction,
        validateRecords);
  }

  /** A copy with another range of timestamps. */
  public LogConfig withTimestamps(TimestampBounds bounds) {
    return new LogConfig(
        segmentBytes,
        rollMs,
        indexIntervalBytes,
        maxIndexBytes,
        maxBatchBytes,
        producerExpirationMs,
        fileDeleteDelayMs,
        bounds,
        retention,
        flush,
        compaction,
        validateRecords);
  }

  /** A copy with another retention. */
  public LogConfig withRetention(RetentionConfig config) {
    return new LogConfig(
        segmentBytes,
        rollMs,
        indexIntervalBytes,
        maxIndexBytes,
        maxBatchBytes,
        producerExpirationMs,
        fileDeleteDelayMs,
        timestamps,
        config,
        flush,
        compaction,
        validateRecords);
  }

  /** A copy with another durability. */
  public LogConfig withFlush(FlushPolicy policy) {
    return new LogConfig(
        segmentBytes,
        rollMs,
        indexIntervalBytes,
        maxIndexBytes,
        maxBatchBytes,
        producerExpirationMs,
        fileDeleteDelayMs,
        timestamps,
        retention,
        policy,
        compaction,
        validateRecords);
  }

  /** A copy with another compaction. */
  public LogConfig withCompaction(CompactionConfig config) {
    return new LogConfig(
        segmentBytes,
        rollMs,
        indexIntervalBytes,
        maxIndexBytes,
        maxBatchBytes,
        producerExpirationMs,
        fileDeleteDelayMs,
        timestamps,
        retention,
        flush,
        config,
        validateRecords);
  }

  /** A copy that looks into compressed records, or does not. */
  public LogConfig withValidateRecords(boolean validate) {
    return new LogConfig(
        segmentBytes,
        rollMs,
        indexIntervalBytes,
        maxIndexBytes,
        maxBatchBytes,
        producerExpirationMs,
        fileDeleteDelayMs,
        timestamps,
        retention,
        flush,
        compaction,
        validate);
  }
}
