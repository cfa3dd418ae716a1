/**
 * Sends records: partitioner, open batches, in-flight windows, acknowledgements. Follow a record
 * through {@link io.highwater.client.producer.Producer}, {@code Partitioner}, {@code
 * BatchAccumulator}, {@code ProduceSender}, {@code InFlightWindow}.
 */
package io.highwater.client.producer;
