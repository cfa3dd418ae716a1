package io.highwater.log;

import io.highwater.proto.TopicIdPartition;
import java.util.Set;

/**
 * How the process before ended, as log directories of different times tell it: those that agree
 * with the one of the metadata log.
 *
 * @param cleanEpoch broker epoch of their clean shutdown (REC-2); -1 when there was none
 * @param killedEpoch broker epoch in which the process was killed while the machine went on
 *     (REC-8); -1 when that may be otherwise
 * @param replicas in them; of all others nothing is known
 */
public record PartialRun(long cleanEpoch, long killedEpoch, Set<TopicIdPartition> replicas) {
  public PartialRun {
    replicas = Set.copyOf(replicas);
  }
}
