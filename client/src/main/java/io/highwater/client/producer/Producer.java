package io.highwater.client.producer;

import io.highwater.proto.record.BatchBuilder;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Sends records to a cluster: batches them per partition, keeps their order, and retries until each
 * is acknowledged or its delivery timeout passed. Idempotent by default: however often a batch is
 * retried, it is in the log once (IDM-2).
 *
 * <p>Safe for any number of threads; one producer per process is the way to good batches. Futures
 * and callbacks complete on the producer's one event loop: do not block there.
 */
@SuppressWarnings("DoNotCallSuggester") // Bodies land next.
public final class Producer implements AutoCloseable {
  private Producer() {}

  /** Settings to build one from. */
  public static ProducerBuilder builder() {
    return new ProducerBuilder();
  }

  static Producer open(ProducerConfig config) {
    throw new UnsupportedOperationException("lands next: " + config);
  }

  /**
   * Sends a record. Blocks only while the topic is not known yet or the buffer is full, at most
   * maxBlockMs.
   *
   * @return the receipt; fails with {@link ProduceFailure}: MESSAGE_TOO_LARGE before anything is
   *     sent when the record is above the limit, REQUEST_TIMED_OUT when it could not be buffered or
   *     delivered in time, or what the broker said
   * @throws IllegalStateException when the producer is closed
   * @throws java.util.concurrent.CancellationException when interrupted while it blocks; the
   *     interrupt flag stays set, nothing is sent
   */
  public CompletableFuture<RecordMetadata> send(ProducerRecord record) {
    throw new UnsupportedOperationException("lands next");
  }

  /**
   * The same without a future.
   *
   * @param callback hears of the record's end, or null
   */
  public void send(ProducerRecord record, SendCallback callback) {
    throw new UnsupportedOperationException("lands next");
  }

  /**
   * Bytes that the record would take in a batch of its own before compression: what is compared
   * with {@link #maxRecordBytes}. Touches no network.
   */
  public static long sizeInBatch(ProducerRecord record) {
    return BatchBuilder.sizeOfSingle(
        record.key() == null ? -1 : record.key().length,
        record.value() == null ? -1 : record.value().length,
        record.headers());
  }

  /**
   * The most bytes that {@link #sizeInBatch} of a record may come to in this topic: its
   * max.message.bytes and the brokers' limit, whichever is less. Blocks like {@link #send}.
   *
   * @throws io.highwater.proto.HighwaterException when the topic or the cluster cannot be reached
   */
  public int maxRecordBytes(String topic) {
    throw new UnsupportedOperationException("lands next");
  }

  /**
   * How many partitions a topic has. Blocks like {@link #send}.
   *
   * @throws io.highwater.proto.HighwaterException when the topic or the cluster cannot be reached
   */
  public int partitions(String topic) {
    throw new UnsupportedOperationException("lands next");
  }

  /**
   * Sends what is buffered without lingering and waits until every record sent before this call has
   * been acknowledged or has failed.
   *
   * @throws java.util.concurrent.CancellationException when interrupted; the flag stays set
   */
  public void flush() {
    throw new UnsupportedOperationException("lands next");
  }

  /** Flushes, at most for the delivery timeout, and lets go of the connections. */
  @Override
  public void close() {
    throw new UnsupportedOperationException("lands next");
  }

  /**
   * Flushes for a limited time; what is not acknowledged by then fails with REQUEST_TIMED_OUT.
   *
   * @param timeout zero to give up at once
   */
  public void close(Duration timeout) {
    throw new UnsupportedOperationException("lands next");
  }
}
