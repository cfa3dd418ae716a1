package io.highwater.perf.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Whether a disk holds what a round may write. */
public final class DiskRoom {
  /** More than any system here writes; what really comes is known only afterwards. */
  private static final double BYTES_PER_SECOND = 700e6;

  private static final double SPARE_BYTES = 1e9;

  /** Indexes and batch headers. */
  private static final double OVERHEAD = 1.3;

  private final RunSettings settings;

  /** Room for rounds of these settings. */
  public DiskRoom(RunSettings settings) {
    this.settings = settings;
  }

  /**
   * Checks that there is room for a round.
   *
   * @throws IOException saying how much is needed and how much is there
   */
  public void check(Scenario scenario, Path directory) throws IOException {
    double needed = SPARE_BYTES + bytes(scenario);
    long usable = Files.getFileStore(directory).getUsableSpace();
    if (usable < needed) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s may need %.1f GB and %s has %.1f GB left: fewer --seconds, or --data on another"
                  + " disk",
              scenario.name(),
              needed / 1e9,
              directory,
              usable / 1e9));
    }
  }

  /** What a round may write, at most. */
  double bytes(Scenario scenario) {
    return switch (scenario.work()) {
      case FIRST_ACK, MEMORY, FAILOVER, CONTROLLER_FAILOVER, SEND -> 0;
      case RESTART -> settings.restartBytes() * OVERHEAD;
      case CONSUME -> scenario.records() * settings.share() * scenario.recordBytes() * OVERHEAD;
      case PRODUCE -> produced(scenario);
    };
  }

  private double produced(Scenario scenario) {
    double recordBytes = scenario.recordBytes() * OVERHEAD;
    if (scenario.records() > 0) {
      return 2 * scenario.records() * settings.share() * recordBytes;
    }
    double seconds = settings.seconds() + settings.warmupSeconds();
    return scenario.rate() > 0
        ? scenario.rate() * seconds * recordBytes
        : seconds * BYTES_PER_SECOND;
  }
}
