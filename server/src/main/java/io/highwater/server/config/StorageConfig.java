package io.highwater.server.config;

import io.highwater.log.space.SpaceLimits;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Where and how logs are kept. Topics may set their own segment and index sizes.
 *
 * @param logDirs the log directories, different ones
 * @param metadataDir the one of the metadata log, among them or not
 * @param segmentBytes a segment is closed before it exceeds this
 * @param rollMs a segment is closed when its first record is older than this
 * @param indexIntervalBytes bytes of log between two index entries
 * @param indexMaxBytes largest size of one index file
 * @param retentionCheckMs between two looks at what is old enough to go
 * @param space what stays free on the disk, or null for what suits its size
 */
public record StorageConfig(
    List<Path> logDirs,
    Path metadataDir,
    int segmentBytes,
    long rollMs,
    int indexIntervalBytes,
    int indexMaxBytes,
    long retentionCheckMs,
    SpaceLimits space) {
  private static final long MAX_RESERVED_BYTES = 16L << 20;

  static final ConfigKey<List<String>> LOG_DIRS =
      ConfigKey.ofList("log.dirs", "./data", "the data directories, each on a disk of its own");
  static final ConfigKey<String> METADATA_LOG_DIR =
      ConfigKey.ofText("metadata.log.dir", "", "of the metadata log; default: the first log.dirs");
  static final ConfigKey<Integer> SEGMENT_BYTES =
      ConfigKey.ofInt(
          "log.segment.bytes", 1 << 30, 1 << 12, Integer.MAX_VALUE, "largest size of a segment");
  static final ConfigKey<Integer> ROLL_HOURS =
      ConfigKey.ofInt("log.roll.hours", 168, 1, Integer.MAX_VALUE, "oldest age of a segment");
  static final ConfigKey<Long> ROLL_MS =
      ConfigKey.ofLong(
          "log.roll.ms",
          TimeUnit.HOURS.toMillis(168),
          1,
          Long.MAX_VALUE,
          "oldest age of a segment; stands before log.roll.hours");
  static final ConfigKey<Integer> INDEX_INTERVAL_BYTES =
      ConfigKey.ofInt(
          "log.index.interval.bytes", 4096, 0, 1 << 30, "bytes of log between index entries");
  static final ConfigKey<Integer> INDEX_MAX_BYTES =
      ConfigKey.ofInt(
          "log.index.size.max.bytes", 10 << 20, 1 << 10, 1 << 30, "largest size of an index file");

  static final ConfigKey<Long> RETENTION_CHECK_MS =
      ConfigKey.ofLong(
          "log.retention.check.interval.ms",
          300_000,
          1,
          Long.MAX_VALUE,
          "between two looks at what is old enough to go");

  static final ConfigKey<Long> MIN_FREE_BYTES =
      ConfigKey.ofLong(
          "log.dir.min.free.bytes",
          -1,
          -1,
          Long.MAX_VALUE / 4,
          "with less free on a log directory's disk nothing is appended; -1: 256 MiB, at most 5 %");
  static final ConfigKey<Long> RESUME_FREE_BYTES =
      ConfigKey.ofLong(
          "log.dir.resume.free.bytes",
          -1,
          -1,
          Long.MAX_VALUE,
          "from this on it is again; -1: half as much again as log.dir.min.free.bytes");
  static final ConfigKey<Long> RESERVED_BYTES =
      ConfigKey.ofLong(
          "log.dir.reserved.bytes",
          -1,
          -1,
          Long.MAX_VALUE / 4,
          "a file that is given up on a full disk; -1: a quarter of log.dir.min.free.bytes, at most"
              + " 16 MiB");

  /** This component's keys. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(
          LOG_DIRS,
          METADATA_LOG_DIR,
          SEGMENT_BYTES,
          ROLL_HOURS,
          ROLL_MS,
          INDEX_INTERVAL_BYTES,
          INDEX_MAX_BYTES,
          RETENTION_CHECK_MS,
          MIN_FREE_BYTES,
          RESUME_FREE_BYTES,
          RESERVED_BYTES);

  /** Reads this component's keys. */
  public static StorageConfig from(ConfigValues values) {
    boolean hoursOnly = values.isGiven(ROLL_HOURS) && !values.isGiven(ROLL_MS);
    List<Path> logDirs = logDirs(values.get(LOG_DIRS));
    return new StorageConfig(
        logDirs,
        metadataDir(values.get(METADATA_LOG_DIR), logDirs),
        values.get(SEGMENT_BYTES),
        hoursOnly ? TimeUnit.HOURS.toMillis(values.get(ROLL_HOURS)) : values.get(ROLL_MS),
        values.get(INDEX_INTERVAL_BYTES),
        values.get(INDEX_MAX_BYTES),
        values.get(RETENTION_CHECK_MS),
        space(values));
  }

  private static SpaceLimits space(ConfigValues values) {
    long minFree = values.get(MIN_FREE_BYTES);
    long resume = values.get(RESUME_FREE_BYTES);
    long reserved = values.get(RESERVED_BYTES);
    if (minFree < 0) {
      requireUnset(RESUME_FREE_BYTES, resume);
      requireUnset(RESERVED_BYTES, reserved);
      return null;
    }
    try {
      return new SpaceLimits(
          reserved < 0 ? Math.min(MAX_RESERVED_BYTES, minFree / 4) : reserved,
          minFree,
          resume < 0 ? minFree + minFree / 2 : resume);
    } catch (IllegalArgumentException e) {
      throw MIN_FREE_BYTES.invalid(minFree, e.getMessage());
    }
  }

  private static void requireUnset(ConfigKey<Long> key, long value) {
    if (value >= 0) {
      throw key.invalid(value, MIN_FREE_BYTES.name() + " must be set, too");
    }
  }

  private static List<Path> logDirs(List<String> dirs) {
    if (dirs.isEmpty()) {
      throw LOG_DIRS.invalid("", "must name a directory");
    }
    List<Path> paths = new ArrayList<>();
    Set<Path> different = new HashSet<>();
    for (String dir : dirs) {
      Path path = path(LOG_DIRS, dir);
      if (!different.add(normal(path))) {
        throw LOG_DIRS.invalid(String.join(",", dirs), dir + " is named twice");
      }
      paths.add(path);
    }
    return List.copyOf(paths);
  }

  private static Path metadataDir(String dir, List<Path> logDirs) {
    if (dir.isEmpty()) {
      return logDirs.get(0);
    }
    Path path = path(METADATA_LOG_DIR, dir);
    return logDirs.stream().filter(d -> normal(d).equals(normal(path))).findFirst().orElse(path);
  }

  private static Path normal(Path path) {
    return path.toAbsolutePath().normalize();
  }

  private static Path path(ConfigKey<?> key, String dir) {
    try {
      return Path.of(dir);
    } catch (InvalidPathException e) {
      throw key.invalid(dir, e.getMessage());
    }
  }
}
