package io.highwater.log.producer;

import io.highwater.proto.Invariant;
import io.highwater.proto.record.ProducerSequence;
import java.util.ArrayList;
import java.util.List;

/** The epoch and the last five batches of one producer, oldest first. Owner thread only. */
public final class ProducerState {
  /** Batches remembered: as many as a client may have in flight (IDM-2). */
  public static final int MAX_BATCHES = 5;

  private final long producerId;
  private final ProducedBatch[] batches = new ProducedBatch[MAX_BATCHES];
  private short epoch;
  private int count;
  private long lastAppendMs;

  ProducerState(long producerId, short epoch) {
    this.producerId = producerId;
    this.epoch = epoch;
  }

  /** Producer id. */
  public long producerId() {
    return producerId;
  }

  /** Epoch of the batches remembered. */
  public short epoch() {
    return epoch;
  }

  /** Wall clock of the last append here, ms since 1970. */
  public long lastAppendMs() {
    return lastAppendMs;
  }

  /** The batches, oldest first; at least one. */
  public List<ProducedBatch> batches() {
    List<ProducedBatch> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(batches[i]);
    }
    return list;
  }

  /** The batch appended last. */
  public ProducedBatch last() {
    return batches[count - 1];
  }

  /** The sequence number that the next batch of this epoch begins with. */
  public int nextSequence() {
    return ProducerSequence.plus(last().lastSequence(), 1);
  }

  /** The remembered batch with just these sequence numbers, or null. */
  ProducedBatch find(int baseSequence, int lastSequence) {
    for (int i = count - 1; i >= 0; i--) {
      ProducedBatch batch = batches[i];
      if (batch.baseSequence() == baseSequence && batch.lastSequence() == lastSequence) {
        return batch;
      }
    }
    return null;
  }

  void append(short batchEpoch, ProducedBatch batch, long nowMs) {
    Invariant.check(
        batchEpoch >= epoch, "IDM-4: producer epochs along a log ascend", batchEpoch, epoch);
    if (batchEpoch > epoch) {
      epoch = batchEpoch;
      count = 0;
    }
    if (count == MAX_BATCHES) {
      System.arraycopy(batches, 1, batches, 0, MAX_BATCHES - 1);
      count--;
    }
    batches[count++] = batch;
    lastAppendMs = nowMs;
  }

  @Override
  public String toString() {
    return producerId + "/" + epoch + " " + batches();
  }
}
