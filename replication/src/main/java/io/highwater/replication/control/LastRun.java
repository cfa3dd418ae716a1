package io.highwater.replication.control;

/**
 * How a broker's process before this one ended, by the broker epoch that it was registered under.
 *
 * @param cleanEpoch found in its clean-shutdown marker (REC-2); -1 when it did not stop cleanly
 * @param killedEpoch if it was killed, or stopped cleanly, while the machine went on, so that all
 *     that it wrote is there (REC-8); -1 where that may be otherwise
 */
public record LastRun(long cleanEpoch, long killedEpoch) {
  /** There was none, or nobody knows how it ended. */
  public static final LastRun UNKNOWN = new LastRun(-1, -1);

  /** It stopped cleanly. */
  public static LastRun stopped(long brokerEpoch) {
    return new LastRun(brokerEpoch, -1);
  }

  /** It was killed, and the machine went on. */
  public static LastRun killed(long brokerEpoch) {
    return new LastRun(-1, brokerEpoch);
  }
}
