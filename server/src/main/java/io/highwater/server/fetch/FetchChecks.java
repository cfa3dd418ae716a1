package io.highwater.server.fetch;

import io.highwater.log.EpochEnd;
import io.highwater.log.PartitionLog;
import io.highwater.proto.ErrorCode;
import io.highwater.server.partition.PartitionException;

/** What a position must fulfil before anything is read from it. */
final class FetchChecks {
  private FetchChecks() {}

  /**
   * Checks that the reader's history is a prefix of the log's (KIP-320) and the offset not beyond
   * its end. An offset between the high watermark and the end waits, and one below the start is a
   * gap.
   *
   * @throws PartitionException OFFSET_OUT_OF_RANGE
   */
  static void check(PartitionLog log, FetchStart start) {
    if (start.offset() < 0 || start.offset() > log.logEndOffset()) {
      throw new PartitionException(
          ErrorCode.OFFSET_OUT_OF_RANGE,
          "offset " + start.offset() + " is beyond the log's end " + log.logEndOffset(),
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
                + end.endOffset(),
            null);
      }
    }
  }
}
