package io.highwater.replication.control.session;

import io.highwater.proto.TopicIdPartition;
import java.util.Optional;

/** Where the broker's own logs end. On the owner loop. */
@FunctionalInterface
public interface LogEnds {
  /** The end of the partition's log; empty while that cannot be told. */
  Optional<LogEnd> of(TopicIdPartition partition);

  /**
   * An end.
   *
   * @param lastEpoch leader epoch of the last record, or -1 when there is none
   * @param logEndOffset next offset that would be written
   */
  record LogEnd(int lastEpoch, long logEndOffset) {}
}
