package io.highwater.replication.leader;

import io.highwater.log.PartitionLog;
import io.highwater.log.read.ReadResult;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.nio.ByteBuffer;

/**
 * What was read of a log for a follower.
 *
 * @param records the buffer that was read into, its end where the batches end
 * @param endOffset of what was read
 * @param horizon the log's tombstone horizon before that
 * @param neededBytes the size of the first batch when the buffer cannot hold it, else 0
 * @param failure why nothing was read, or null
 */
record FrameRead(
    ByteBuffer records, long endOffset, long horizon, int neededBytes, HighwaterException failure) {

  /** Reads from an offset of the log that is below {@code ceiling}. Any thread. */
  static FrameRead of(PartitionLog log, long from, long ceiling, ByteBuffer into) {
    try {
      long horizon = log.tombstoneHorizon();
      ReadResult read = log.read(from, ceiling, into);
      if (read.neededBytes() == 0 && read.endOffset() == from) {
        return failed(into, log.partition() + " holds no batch for offset " + from, null);
      }
      return new FrameRead(into, read.endOffset(), horizon, read.neededBytes(), null);
    } catch (HighwaterException e) {
      return new FrameRead(into, from, 0, 0, e);
    } catch (RuntimeException e) {
      // The loop waits for the outcome.
      return failed(into, "reading " + log.partition() + " at offset " + from + ": " + e, e);
    }
  }

  private static FrameRead failed(ByteBuffer into, String what, RuntimeException cause) {
    return new FrameRead(
        into, 0, 0, 0, new HighwaterException(ErrorCode.KAFKA_STORAGE_ERROR, what, cause));
  }
}
