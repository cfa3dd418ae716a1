package io.highwater.replication.sim;

import io.highwater.log.PartitionLog;
import io.highwater.log.read.ReadResult;
import io.highwater.proto.record.BatchView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What identifies a batch wherever it is stored.
 *
 * @param crc of its content, which is unique because producer and sequence are in it
 */
record StoredBatch(
    long baseOffset, long lastOffset, int leaderEpoch, long producerId, int sequence, long crc) {

  static StoredBatch of(byte[] bytes, int offset) {
    BatchView view = new BatchView().wrap(new UnsafeBuffer(bytes), offset);
    return new StoredBatch(
        view.baseOffset(),
        view.lastOffset(),
        view.leaderEpoch(),
        view.producerId(),
        view.baseSequence(),
        view.crc());
  }

  int lastSequence() {
    return sequence + (int) (lastOffset - baseOffset);
  }

  /** All batches of a log in a range of offsets that begins and ends between batches. */
  static List<StoredBatch> in(PartitionLog log, long fromOffset, long endOffset) {
    List<StoredBatch> batches = new ArrayList<>();
    ByteBuffer into = ByteBuffer.allocate(8_192);
    long next = fromOffset;
    while (next < endOffset) {
      ReadResult read = log.read(next, endOffset, into.clear());
      if (read.isEmpty()) {
        throw new AssertionError("nothing at offset " + next + " below " + endOffset);
      }
      for (int at = 0; at < into.position(); ) {
        StoredBatch batch = of(into.array(), at);
        at += new BatchView().wrap(new UnsafeBuffer(into.array()), at).sizeInBytes();
        batches.add(batch);
      }
      next = read.endOffset();
    }
    return batches;
  }
}
