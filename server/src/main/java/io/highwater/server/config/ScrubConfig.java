package io.highwater.server.config;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How fast stored bytes are looked through for damage.
 *
 * @param maxBytesPerSecond 0: not at all
 * @param compareBytesPerSecond how fast replicas are compared with their leader (REP-10); 0: not at
 *     all
 * @param intervalMs pause after all logs were seen
 */
public record ScrubConfig(long maxBytesPerSecond, long compareBytesPerSecond, long intervalMs) {
  static final ConfigKey<Long> MAX_BYTES_PER_SECOND =
      ConfigKey.ofLong(
          "log.scrub.max.bytes.per.second",
          4L << 20,
          0,
          1L << 40,
          "bytes of sealed segments read in a second in search of damage; 0: none");
  static final ConfigKey<Long> COMPARE_BYTES_PER_SECOND =
      ConfigKey.ofLong(
          "replica.compare.max.bytes.per.second",
          1L << 20,
          0,
          1L << 40,
          "bytes of what is led here that are compared with its followers in a second; 0: none");
  static final ConfigKey<Long> INTERVAL_MS =
      ConfigKey.ofLong(
          "log.scrub.interval.ms",
          TimeUnit.HOURS.toMillis(1),
          1,
          Long.MAX_VALUE,
          "pause after all segments were read, and after all replicas were compared");

  /** This component's keys. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(MAX_BYTES_PER_SECOND, COMPARE_BYTES_PER_SECOND, INTERVAL_MS);

  /** Reads this component's keys. */
  public static ScrubConfig from(ConfigValues values) {
    return new ScrubConfig(
        values.get(MAX_BYTES_PER_SECOND),
        values.get(COMPARE_BYTES_PER_SECOND),
        values.get(INTERVAL_MS));
  }
}
