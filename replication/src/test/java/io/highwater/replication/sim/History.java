package io.highwater.replication.sim;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.AppendReceipt;
import java.util.ArrayList;
import java.util.List;

/** What brokers told clients: committed appends, batches served. Judged after every event. */
public final class History {
  /** A batch as a client was told of it. */
  record Told(TopicIdPartition partition, boolean acknowledged, StoredBatch batch) {}

  private final List<Told> fresh = new ArrayList<>();
  private final List<Told> acknowledged = new ArrayList<>();
  private long reads;

  /** A broker answers an append with success. */
  public void acknowledged(TopicIdPartition partition, AppendReceipt receipt, byte[] sent) {
    StoredBatch batch = StoredBatch.of(sent, 0);
    Told told =
        new Told(
            partition,
            true,
            new StoredBatch(
                receipt.baseOffset(),
                receipt.lastOffset(),
                -1,
                batch.producerId(),
                batch.sequence(),
                batch.crc()));
    fresh.add(told);
    acknowledged.add(told);
  }

  /** A broker serves a reader. */
  public void read(TopicIdPartition partition, byte[] batches) {
    for (StoredBatch batch : StoredBatch.in(batches, batches.length)) {
      fresh.add(new Told(partition, false, batch));
      reads++;
    }
  }

  /** A loss that the flush policy allows: what was acknowledged from there on may be gone. */
  void lost(TopicIdPartition partition, long fromOffset) {
    acknowledged.removeIf(
        told -> told.partition().equals(partition) && told.batch().lastOffset() >= fromOffset);
  }

  /** What was told since the last call. */
  List<Told> takeFresh() {
    List<Told> taken = List.copyOf(fresh);
    fresh.clear();
    return taken;
  }

  List<Told> allAcknowledged() {
    return acknowledged;
  }

  long reads() {
    return reads;
  }
}
