package io.highwater.client;

/**
 * Names an idempotent producer towards the brokers.
 *
 * @param producerId unique in the cluster
 * @param producerEpoch rises when the producer begins its sequences anew (KIP-360)
 */
public record ProducerIdentity(long producerId, short producerEpoch) {}
