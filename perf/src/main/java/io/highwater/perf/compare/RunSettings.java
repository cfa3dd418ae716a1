package io.highwater.perf.compare;

/**
 * How long and how often things are measured.
 *
 * @param rounds of each system in each scenario
 * @param seconds of a measured part that lasts by the clock
 * @param warmupSeconds of the part before it, which does not count
 * @param restartBytes of log that a broker has when it is killed and started again
 * @param share of a scenario's number of records that is used, above 0 and at most 1
 */
public record RunSettings(
    int rounds, double seconds, double warmupSeconds, long restartBytes, double share) {
  /** Checks ranges. */
  public RunSettings {
    require(rounds >= 1 && rounds <= 1000, "--rounds: " + rounds + " is not 1 to 1,000");
    require(seconds > 0 && seconds <= 86_400, "--seconds: " + seconds + " is not up to 86,400");
    require(
        warmupSeconds >= 0 && warmupSeconds <= 86_400,
        "--warmup: " + warmupSeconds + " is not up to 86,400");
    require(
        restartBytes >= 1 << 20, "--restart-mib: " + restartBytes + " bytes of log tell nothing");
    require(share > 0 && share <= 1, "a share of " + share);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
