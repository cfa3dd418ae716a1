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
    List<StoredBatch> batches = whole(log, fromOffset, endOffset);
    long read = batches.isEmpty() ? fromOffset : batches.get(batches.size() - 1).lastOffset() + 1;
    if (read < endOffset) {
      throw new AssertionError("no batch at offset " + read + " ends up to " + endOffset);
    }
    return batches;
  }

  /** The same where the range may end within a batch, which is left out. */
  static List<StoredBatch> whole(PartitionLog log, long fromOffset, long endOffset) {
    if (fromOffset >= endOffset) {
      return List.of();
    }
    List<StoredBatch> batches = new ArrayList<>();
    ByteBuffer into = ByteBuffer.allocate(8_192);
    long next = fromOffset;
    while (next < endOffset) {
      ReadResult read = log.read(next, endOffset, into.clear());
      if (read.isEmpty()) {
        break;
      }
      batches.addAll(in(into.array(), into.position()));
      next = read.endOffset();
    }
    return batches;
  }

  /** All batches in some bytes. */
  static List<StoredBatch> in(byte[] bytes, int length) {
    List<StoredBatch> batches = new ArrayList<>();
    for (int at = 0; at < length; ) {
      batches.add(of(bytes, at));
      at += new BatchView().wrap(new UnsafeBuffer(bytes), at).sizeInBytes();
    }
    return batches;
  }
}
