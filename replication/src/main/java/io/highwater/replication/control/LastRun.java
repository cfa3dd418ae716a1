package io.highwater.replication.control;

import io.highwater.proto.TopicIdPartition;
import java.util.Optional;
import java.util.Set;

/**
 * How a broker's process before this one ended, by the broker epoch that it was registered under.
 *
 * @param cleanEpoch found in its clean-shutdown marker (REC-2); -1 when it did not stop cleanly
 * @param killedEpoch if it was killed, or stopped cleanly, while the machine went on, so that all
 *     that it wrote is there (REC-8); -1 where that may be otherwise
 * @param only replicas of which this is known, because their log directories are as that process
 *     left them; of others nothing is. Empty: it is known of all
 */
public record LastRun(long cleanEpoch, long killedEpoch, Optional<Set<TopicIdPartition>> only) {
  /** There was none, or nobody knows how it ended. */
  public static final LastRun UNKNOWN = new LastRun(-1, -1);

  /** Of {@link Feature#METADATA_VERSION}, from which on {@code only} may be said. */
  public static final int ONLY_LEVEL = 2;

  public LastRun {
    only = only.map(Set::copyOf);
  }

  /** Known of all replicas. */
  public LastRun(long cleanEpoch, long killedEpoch) {
    this(cleanEpoch, killedEpoch, Optional.empty());
  }

  /** It stopped cleanly. */
  public static LastRun stopped(long brokerEpoch) {
    return new LastRun(brokerEpoch, -1);
  }

  /** It was killed, and the machine went on. */
  public static LastRun killed(long brokerEpoch) {
    return new LastRun(-1, brokerEpoch);
  }

  /**
   * The same where a level is in force that may be too low to say of which replicas it is known.
   */
  public LastRun at(int level) {
    return level < ONLY_LEVEL && only.isPresent() ? UNKNOWN : this;
  }

  /** Whether a replica is as a process left it that stopped cleanly in this epoch. */
  boolean stoppedCleanly(TopicIdPartition replica, long brokerEpoch) {
    return cleanEpoch == brokerEpoch && isKnownOf(replica);
  }

  /** Whether a replica is as a process left it that was killed in this epoch. */
  boolean wasKilled(TopicIdPartition replica, long brokerEpoch) {
    return killedEpoch == brokerEpoch && isKnownOf(replica);
  }

  private boolean isKnownOf(TopicIdPartition replica) {
    return only.isEmpty() || only.get().contains(replica);
  }
}
