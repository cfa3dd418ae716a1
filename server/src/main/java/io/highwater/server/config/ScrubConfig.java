package io.highwater.server.config;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How fast stored bytes are looked through for damage.
 *
 * @param maxBytesPerSecond 0: not at all
 * @param intervalMs pause after all logs were seen
 */
public record ScrubConfig(long maxBytesPerSecond, long intervalMs) {
  static final ConfigKey<Long> MAX_BYTES_PER_SECOND =
      ConfigKey.ofLong(
          "log.scrub.max.bytes.per.second",
          4L << 20,
          0,
          1L << 40,
          "bytes of sealed segments read in a second in search of damage; 0: none");
  static final ConfigKey<Long> INTERVAL_MS =
      ConfigKey.ofLong(
          "log.scrub.interval.ms",
          TimeUnit.HOURS.toMillis(1),
          1,
          Long.MAX_VALUE,
          "pause after all segments were read");

  /** This component's keys. */
  public static final List<ConfigKey<?>> KEYS = List.of(MAX_BYTES_PER_SECOND, INTERVAL_MS);

  /** Reads this component's keys. */
  public static ScrubConfig from(ConfigValues values) {
    return new ScrubConfig(values.get(MAX_BYTES_PER_SECOND), values.get(INTERVAL_MS));
  }
}
