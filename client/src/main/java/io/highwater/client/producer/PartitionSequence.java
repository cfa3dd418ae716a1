package io.highwater.client.producer;

import io.highwater.client.ProducerIdentity;
import io.highwater.proto.Invariant;
import io.highwater.proto.record.ProducerSequence;

/**
 * Where one partition's sequence numbers stand (IDM-1). Brokers keep epochs and sequences per
 * partition, so each partition of an idempotent producer raises its epoch on its own. Pure.
 *
 * @param producerId of the producer
 * @param producerEpoch of the producer in this partition
 * @param nextSequence of the next record
 */
record PartitionSequence(long producerId, short producerEpoch, int nextSequence) {
  /** The beginning of an identity. */
  static PartitionSequence begin(ProducerIdentity identity) {
    return new PartitionSequence(identity.producerId(), identity.producerEpoch(), 0);
  }

  /** After a batch of so many records. */
  PartitionSequence after(int records) {
    Invariant.check(records > 0, "IDM-1: a batch has records", records);
    return new PartitionSequence(
        producerId, producerEpoch, ProducerSequence.plus(nextSequence, records));
  }

  /** Whether there is another epoch after this one. */
  boolean canRaiseEpoch() {
    return producerEpoch < Short.MAX_VALUE;
  }

  /** The beginning of the next epoch (KIP-360). */
  PartitionSequence raisedEpoch() {
    Invariant.check(canRaiseEpoch(), "IDM-4: the epochs are used up", producerId);
    return new PartitionSequence(producerId, (short) (producerEpoch + 1), 0);
  }
}
