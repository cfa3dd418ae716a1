package io.highwater.replication;

import io.highwater.log.EpochEnd;
import io.highwater.log.PartitionLog;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.control.RecordLoss;
import java.util.List;
import java.util.Optional;

/**
 * What a reader has read of a partition and is not there any more, or may not be (CON-1, LEP-7).
 * Pure.
 *
 * @param fromOffset the first offset of it
 * @param endOffset where the reader stands
 * @param certain whether what it has read is known to be gone: then it goes on at {@code
 *     fromOffset}, for all records from there on are new to it
 * @param text for people
 */
public record LostRecords(long fromOffset, long endOffset, boolean certain, String text) {

  /** Where the reader goes on. */
  public long nextOffset() {
    return certain ? fromOffset : endOffset;
  }

  /**
   * Judges a position. A reader that says in which epoch its last record was written is judged by
   * the log's epochs (KIP-320), however long ago that was and however far the log has grown since.
   * One that does not is told of every loss on record that may have taken what it has read.
   *
   * @param losses what is on record of the partition
   */
  public static Optional<LostRecords> of(
      PartitionLog log, List<RecordLoss> losses, ReaderPosition position) {
    boolean known = position.lastEpoch() >= 0;
    if (known && position.offset() > log.logStartOffset()) {
      return byEpochs(log, losses, position);
    }
    int since = known ? position.lastEpoch() : position.offsetEpoch();
    return position.offset() > log.logEndOffset() && !known
        ? Optional.empty()
        : byRecord(losses, position.offset(), since);
  }

  /**
   * Refuses an offset that is not in the log; one below its start is a gap.
   *
   * @throws HighwaterException OFFSET_OUT_OF_RANGE
   */
  public static void requireInRange(PartitionLog log, List<RecordLoss> losses, long offset) {
    long end = log.logEndOffset();
    if (offset < 0 || offset > end) {
      String lost =
          newest(losses, offset, ReaderPosition.UNKNOWN).map(loss -> "; " + loss.text()).orElse("");
      throw new HighwaterException(
          ErrorCode.OFFSET_OUT_OF_RANGE,
          "offset "
              + offset
              + (offset < 0 ? " is negative" : " is beyond the log's end")
              + ": the log holds "
              + log.logStartOffset()
              + " to "
              + end
              + lost);
    }
  }

  private static Optional<LostRecords> byEpochs(
      PartitionLog log, List<RecordLoss> losses, ReaderPosition position) {
    EpochEnd end = log.endOf(position.lastEpoch());
    if (end.epoch() == position.lastEpoch() && end.endOffset() >= position.offset()) {
      return Optional.empty();
    }
    long from = Math.min(end.endOffset(), position.offset() - 1);
    if (end.epoch() != position.lastEpoch()) {
      // The log may have gone on in an older epoch where the reader read a newer one.
      from = Math.min(from, firstLost(losses, position.offset(), position.lastEpoch()));
    }
    String text =
        "the log never had epoch "
            + position.lastEpoch()
            + " before offset "
            + position.offset()
            + (end.epoch() < 0 ? "" : ": epoch " + end.epoch() + " ends at " + end.endOffset());
    String why =
        newest(losses, position.offset(), position.lastEpoch())
            .map(loss -> "; " + loss.text())
            .orElse("");
    return Optional.of(
        new LostRecords(Math.max(from, log.logStartOffset()), position.offset(), true, text + why));
  }

  private static Optional<LostRecords> byRecord(List<RecordLoss> losses, long offset, int since) {
    String text =
        "records that were read before offset " + offset + " may be lost, or others by now; ";
    return newest(losses, offset, since)
        .map(
            loss ->
                new LostRecords(
                    firstLost(losses, offset, since), offset, false, text + loss.text()));
  }

  private static long firstLost(List<RecordLoss> losses, long offset, int since) {
    return losses.stream()
        .filter(loss -> loss.leaderEpoch() > since && loss.touches(offset))
        .mapToLong(loss -> Math.max(0, loss.fromOffset()))
        .min()
        .orElse(offset);
  }

  private static Optional<RecordLoss> newest(List<RecordLoss> losses, long offset, int since) {
    return losses.stream()
        .filter(loss -> loss.leaderEpoch() > since && loss.touches(offset))
        .reduce((one, later) -> later);
  }
}
