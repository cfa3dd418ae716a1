package io.highwater.log.producer;

import io.highwater.proto.Invariant;
import io.highwater.proto.record.ProducerSequence;
import java.util.ArrayList;
import java.util.List;

/**
 * The epoch, the last five batches and the open transaction of one producer. Owner thread only.
 *
 * <p>A producer of which the log holds nothing but the end of a transaction has no batch.
 */
public final class ProducerState {
  /** Stands for no open transaction. */
  public static final long NO_TRANSACTION = -1;

  /** Stands for no coordinator: no transaction of the producer has ended here. */
  public static final int NO_COORDINATOR = -1;

  /** Batches remembered: as many as a client may have in flight (IDM-2). */
  public static final int MAX_BATCHES = 5;

  private final long producerId;
  private final ProducedBatch[] batches = new ProducedBatch[MAX_BATCHES];
  private short epoch;
  private int count;
  private long lastAppendMs;
  private long lastTimestamp;
  private int coordinatorEpoch = NO_COORDINATOR;
  private long transactionStart = NO_TRANSACTION;

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

  /** Greatest timestamp of the last batch, control batches included, ms since 1970. */
  public long lastTimestamp() {
    return lastTimestamp;
  }

  /** Epoch of the coordinator that ended a transaction last, or {@link #NO_COORDINATOR}. */
  public int coordinatorEpoch() {
    return coordinatorEpoch;
  }

  /** First offset of the open transaction, or {@link #NO_TRANSACTION}. */
  public long transactionStart() {
    return transactionStart;
  }

  /** The batches, oldest first. */
  public List<ProducedBatch> batches() {
    List<ProducedBatch> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(batches[i]);
    }
    return list;
  }

  /** Whether there is no batch of this epoch. */
  public boolean isEmpty() {
    return count == 0;
  }

  /** The batch appended last; there is one. */
  public ProducedBatch last() {
    return batches[count - 1];
  }

  /** The sequence number that the next batch of this epoch begins with. */
  public int nextSequence() {
    return count == 0 ? 0 : ProducerSequence.plus(last().lastSequence(), 1);
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
    touch(batchEpoch, batch.timestamp(), nowMs);
    if (count == MAX_BATCHES) {
      System.arraycopy(batches, 1, batches, 0, MAX_BATCHES - 1);
      count--;
    }
    batches[count++] = batch;
  }

  /** Takes note of something of this producer in the log; a later epoch forgets the batches. */
  void touch(short newEpoch, long timestamp, long nowMs) {
    Invariant.check(
        newEpoch >= epoch, "IDM-4: producer epochs along a log ascend", newEpoch, epoch);
    if (newEpoch > epoch) {
      epoch = newEpoch;
      count = 0;
    }
    lastTimestamp = timestamp;
    lastAppendMs = nowMs;
  }

  void transaction(int newCoordinatorEpoch, long start) {
    coordinatorEpoch = newCoordinatorEpoch;
    transactionStart = start;
  }

  @Override
  public String toString() {
    return producerId
        + "/"
        + epoch
        + " "
        + batches()
        + (coordinatorEpoch == NO_COORDINATOR ? "" : " coordinator " + coordinatorEpoch)
        + (transactionStart == NO_TRANSACTION ? "" : " transaction from " + transactionStart);
  }
}
