package io.highwater.replication;

import io.highwater.log.LogConfig;
import io.highwater.log.retain.LogRetention;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;

/**
 * What deleting a partition's oldest records takes away.
 *
 * @param previousLogStart where the log begins without it
 * @param logStart where it begins with it
 * @param freed the segments whose files go
 */
public record RecordDeletion(long previousLogStart, long logStart, LogRetention.Freed freed) {
  /** Stands for the high watermark. */
  public static final long ALL_COMMITTED = -1;

  /**
   * Looks at what would go; changes nothing. On the owner loop.
   *
   * @param replica leads its partition
   * @param beforeOffset the first offset that stays, or {@link #ALL_COMMITTED}; below the log start
   *     nothing is left to do
   * @throws HighwaterException OFFSET_OUT_OF_RANGE when the offset is negative or above the high
   *     watermark; OFFSET_NOT_AVAILABLE while a new leader does not know that one; POLICY_VIOLATION
   *     for a topic that is compacted only; NOT_LEADER_OR_FOLLOWER, KAFKA_STORAGE_ERROR
   */
  public static RecordDeletion of(Replica replica, long beforeOffset) {
    long end = replica.committedEnd();
    LogConfig config = replica.log().config();
    if (config.compaction().enabled() && !config.retention().deletes()) {
      throw new HighwaterException(
          ErrorCode.POLICY_VIOLATION,
          "topic '" + replica.topic() + "' is compacted only: cleanup.policy lacks delete");
    }
    long wanted = beforeOffset == ALL_COMMITTED ? end : beforeOffset;
    if (wanted < 0 || wanted > end) {
      throw new HighwaterException(
          ErrorCode.OFFSET_OUT_OF_RANGE,
          "offset " + beforeOffset + " is not between 0 and the high watermark " + end);
    }
    long previous = replica.log().logStartOffset();
    long start = Math.max(previous, wanted);
    return new RecordDeletion(previous, start, replica.log().retention().freedBy(start));
  }
}
