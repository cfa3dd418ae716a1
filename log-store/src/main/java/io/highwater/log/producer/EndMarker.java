package io.highwater.log.producer;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.RecordCursor;

/**
 * What a control batch says of a transaction (KIP-98).
 *
 * <pre>
 * key    i16 version | i16 type: 0 abort, 1 commit
 * value  i16 version | i32 coordinator epoch
 * </pre>
 *
 * @param aborts whether it aborts the transaction, rather than committing it
 * @param coordinatorEpoch epoch of the coordinator that wrote it
 */
public record EndMarker(boolean aborts, int coordinatorEpoch) {
  private static final int ABORT = 0;
  private static final int COMMIT = 1;
  private static final int KEY_BYTES = 2 * Short.BYTES;
  private static final int VALUE_BYTES = Short.BYTES + Integer.BYTES;

  /**
   * The marker in a control batch.
   *
   * @param batch lies whole in its buffer
   * @return null when it is of another kind or does not read: it ends nothing then
   */
  public static EndMarker of(BatchView batch) {
    if (!batch.hasProducerId() || (batch.attributes() & BatchLayout.CODEC_MASK) != 0) {
      return null;
    }
    try (RecordCursor record = new RecordCursor()) {
      record.wrap(batch.buffer(), batch.offset());
      if (!record.next() || record.keyLength() < KEY_BYTES || record.valueLength() < VALUE_BYTES) {
        return null;
      }
      int type = record.buffer().getShort(record.keyOffset() + Short.BYTES, BIG_ENDIAN);
      int epoch = record.buffer().getInt(record.valueOffset() + Short.BYTES, BIG_ENDIAN);
      return type == ABORT || type == COMMIT ? new EndMarker(type == ABORT, epoch) : null;
    } catch (HighwaterException e) {
      return null;
    }
  }
}
