package io.highwater.server.config;

import java.util.List;

/**
 * How much of the machine compaction may take.
 *
 * @param enabled whether anything is compacted here
 * @param threads logs that are compacted at once; they share memory and rate evenly
 * @param dedupeBufferBytes memory of all key maps together
 * @param ioBufferBytes memory of all read and write buffers together
 * @param loadFactor how full a key map may get, above 0 and up to 1
 * @param maxBytesPerSecond read and written together
 * @param backoffMs pause when there was nothing to clean
 */
public record CleanerConfig(
    boolean enabled,
    int threads,
    long dedupeBufferBytes,
    int ioBufferBytes,
    double loadFactor,
    long maxBytesPerSecond,
    long backoffMs) {
  private static final int MIN_IO_BUFFER_BYTES = 1 << 10;

  static final ConfigKey<Boolean> ENABLE =
      ConfigKey.ofBoolean("log.cleaner.enable", true, "whether logs are compacted");
  static final ConfigKey<Integer> THREADS =
      ConfigKey.ofInt("log.cleaner.threads", 1, 1, 64, "logs that are compacted at once");
  static final ConfigKey<Long> DEDUPE_BUFFER_BYTES =
      ConfigKey.ofLong(
          "log.cleaner.dedupe.buffer.size",
          128L << 20,
          1 << 20,
          1L << 40,
          "bytes of memory for all cleaners' key maps");
  static final ConfigKey<Integer> IO_BUFFER_BYTES =
      ConfigKey.ofInt(
          "log.cleaner.io.buffer.size",
          512 << 10,
          MIN_IO_BUFFER_BYTES,
          Integer.MAX_VALUE,
          "bytes of memory for all cleaners' buffers");
  static final ConfigKey<Double> LOAD_FACTOR =
      ConfigKey.ofRatio(
          "log.cleaner.io.buffer.load.factor", 0.9, "how full a cleaner's key map may get");
  static final ConfigKey<Long> MAX_BYTES_PER_SECOND =
      ConfigKey.ofLong(
          "log.cleaner.io.max.bytes.per.second",
          Long.MAX_VALUE,
          1 << 10,
          Long.MAX_VALUE,
          "bytes that cleaners read and write in a second");
  static final ConfigKey<Long> BACKOFF_MS =
      ConfigKey.ofLong(
          "log.cleaner.backoff.ms",
          15_000,
          1,
          Long.MAX_VALUE,
          "pause when there was nothing to clean");

  /** This component's keys. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(
          ENABLE,
          THREADS,
          DEDUPE_BUFFER_BYTES,
          IO_BUFFER_BYTES,
          LOAD_FACTOR,
          MAX_BYTES_PER_SECOND,
          BACKOFF_MS);

  /** What each of the threads may take. */
  public CleanerConfig share() {
    return new CleanerConfig(
        enabled,
        1,
        dedupeBufferBytes / threads,
        Math.max(MIN_IO_BUFFER_BYTES, ioBufferBytes / threads),
        loadFactor,
        maxBytesPerSecond == Long.MAX_VALUE ? Long.MAX_VALUE : maxBytesPerSecond / threads,
        backoffMs);
  }

  /** Reads this component's keys. */
  public static CleanerConfig from(ConfigValues values) {
    return new CleanerConfig(
        values.get(ENABLE),
        values.get(THREADS),
        values.get(DEDUPE_BUFFER_BYTES),
        values.get(IO_BUFFER_BYTES),
        values.get(LOAD_FACTOR),
        values.get(MAX_BYTES_PER_SECOND),
        values.get(BACKOFF_MS));
  }
}
