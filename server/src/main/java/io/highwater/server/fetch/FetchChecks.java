package io.highwater.server.fetch;

import io.highwater.log.PartitionLog;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.LostRecords;
import io.highwater.replication.Replica;
import io.highwater.replication.control.RecordLoss;
import io.highwater.server.partition.PartitionException;
import java.util.List;
import java.util.Optional;

/** What a position must fulfil before anything is read from it. */
final class FetchChecks {
  private FetchChecks() {}

  /**
   * Checks that the offset is not beyond the log's end. One between the high watermark and the end
   * waits, and one below the start is a gap.
   *
   * @param losses what is on record of the partition
   * @return what the reader has read and may be lost: to be told
   * @throws PartitionException OFFSET_OUT_OF_RANGE
   */
  static Optional<LostRecords> check(PartitionLog log, List<RecordLoss> losses, FetchStart start) {
    Optional<LostRecords> lost = LostRecords.of(log, losses, start.position());
    try {
      LostRecords.requireInRange(
          log, losses, lost.map(LostRecords::nextOffset).orElse(start.offset()));
    } catch (HighwaterException e) {
      throw new PartitionException(e.code(), e.getMessage(), null);
    }
    return lost;
  }

  /**
   * Checks that this leader may judge the reader: one that has read records of a later epoch knows
   * more than it.
   *
   * @throws PartitionException UNKNOWN_LEADER_EPOCH
   */
  static void requireKnownEpoch(Replica leader, FetchStart start) {
    if (start.lastFetchedEpoch() > leader.leaderEpoch()) {
      throw new PartitionException(
          ErrorCode.UNKNOWN_LEADER_EPOCH,
          "leader epoch is "
              + leader.leaderEpoch()
              + ", records of "
              + start.lastFetchedEpoch()
              + " were read",
          null);
    }
  }

  /**
   * The refusal of a position that what was lost has taken (KIP-320).
   *
   * @return OFFSET_OUT_OF_RANGE
   */
  static PartitionException refusal(LostRecords lost) {
    return new PartitionException(ErrorCode.OFFSET_OUT_OF_RANGE, lost.text(), null);
  }
}
