package io.highwater.log.append;

import io.highwater.proto.record.BatchLayout;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** A batch of one offset and no records, as compaction leaves them. Pure. */
final class EmptyBatch {
  private static final long NO_TIMESTAMP = -1;

  private EmptyBatch() {}

  /** Stamped already. */
  static ByteBuffer at(long baseOffset, int leaderEpoch) {
    ByteBuffer batch = ByteBuffer.allocate(BatchLayout.HEADER_BYTES);
    batch.putLong(BatchLayout.BASE_OFFSET, baseOffset);
    batch.putInt(BatchLayout.BATCH_LENGTH, BatchLayout.HEADER_BYTES - BatchLayout.LENGTH_OVERHEAD);
    batch.putInt(BatchLayout.LEADER_EPOCH, leaderEpoch);
    batch.put(BatchLayout.MAGIC, BatchLayout.MAGIC_V2);
    batch.putLong(BatchLayout.BASE_TIMESTAMP, NO_TIMESTAMP);
    batch.putLong(BatchLayout.MAX_TIMESTAMP, NO_TIMESTAMP);
    batch.putLong(BatchLayout.PRODUCER_ID, BatchLayout.NO_PRODUCER_ID);
    batch.putShort(BatchLayout.PRODUCER_EPOCH, BatchLayout.NO_PRODUCER_EPOCH);
    batch.putInt(BatchLayout.BASE_SEQUENCE, BatchLayout.NO_SEQUENCE);
    CRC32C crc = new CRC32C();
    crc.update(batch.duplicate().position(BatchLayout.ATTRIBUTES));
    batch.putInt(BatchLayout.CRC, (int) crc.getValue());
    return batch;
  }
}
