package io.highwater.replication.leader;

import io.highwater.proto.HighwaterException;
import io.highwater.replication.core.IsrProposal;

/** What others must hear of a partition that is led here. On the owner loop. */
public interface LeadershipEvents {
  /** The log grew. */
  void appended(Leadership leadership);

  /** More is committed. */
  void highWatermarkAdvanced(Leadership leadership);

  /** The control plane is to be asked for another in-sync set. */
  void isrProposed(Leadership leadership, IsrProposal proposal);

  /** The log cannot be written or read any more: leadership has to be given up (STO-8). */
  void storageFailed(Leadership leadership, HighwaterException failure);
}
