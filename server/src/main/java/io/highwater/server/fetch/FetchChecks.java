package io.highwater.server.fetch;

import io.highwater.log.EpochEnd;
import io.highwater.log.PartitionLog;
import io.highwater.proto.ErrorCode;
import io.highwater.replication.control.RecordLoss;
import io.highwater.server.partition.PartitionException;
import java.util.List;

/** What a position must fulfil before anything is read from it. */
final class FetchChecks {
  private FetchChecks() {}

  /**
   * Checks that the reader's history is a prefix of the log's (KIP-320) and the offset not beyond
   * its end. An offset between the high watermark and the end waits, and one below the start is a
   * gap.
   *
   * @param losses what unclean elections of the partition cost
   * @throws PartitionException OFFSET_OUT_OF_RANGE
   */
  static void check(PartitionLog log, List<RecordLoss> losses, FetchStart start) {
    if (start.offset() < 0 || start.offset() > log.logEndOffset()) {
      throw new PartitionException(
          ErrorCode.OFFSET_OUT_OF_RANGE,
          "offset "
              + start.offset()
              + " is beyond the log's end "
              + log.logEndOffset()
              + lost(losses, start),
          null);
    }
    if (start.lastFetchedEpoch() >= 0 && start.offset() > log.logStartOffset()) {
      EpochEnd end = log.endOf(start.lastFetchedEpoch());
      if (end.epoch() != start.lastFetchedEpoch() || end.endOffset() < start.offset()) {
        throw new PartitionException(
            ErrorCode.OFFSET_OUT_OF_RANGE,
            "the log never had epoch "
                + start.lastFetchedEpoch()
                + " before offset "
                + start.offset()
                + ": epoch "
                + end.epoch()
                + " ends at "
                + end.endOffset()
                + lost(losses, start),
            null);
      }
    }
  }

  /** LEP-7: why what the client has read is not there any more, if that was an unclean election. */
  private static String lost(List<RecordLoss> losses, FetchStart start) {
    for (int i = losses.size() - 1; i >= 0; i--) {
      RecordLoss loss = losses.get(i);
      if (loss.leaderEpoch() > start.lastFetchedEpoch() && loss.fromOffset() < start.offset()) {
        return "; " + loss.text();
      }
    }
    return "";
  }
}
