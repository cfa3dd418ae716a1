package io.highwater.client;

/**
 * Who leads a partition, as far as is known.
 *
 * @param nodeId of the leader, or {@link PartitionDescription#NO_LEADER}
 * @param epoch of that decision
 */
public record PartitionLeader(int nodeId, int epoch) {
  /** Nothing is known yet. */
  public static final PartitionLeader UNKNOWN =
      new PartitionLeader(PartitionDescription.NO_LEADER, -1);

  /** Whether somebody leads. */
  public boolean exists() {
    return nodeId != PartitionDescription.NO_LEADER;
  }
}
