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
   * @param logEndOffset next offset that would be written, or -1 for {@link #NONE}
   * @param highWatermark what was last known to be committed, above the end when that is gone
   *     (REC-5); -1 when it is not known
   */
  record LogEnd(int lastEpoch, long logEndOffset, long highWatermark) {
    /** Of a log that is only being fetched again: it has nothing that its leader has not. */
    public static final LogEnd NONE = new LogEnd(-1, -1, -1);
  }
}
