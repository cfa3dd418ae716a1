package io.highwater.client.producer;

import io.highwater.client.ProduceStream;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.BatchStamper;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A batch and those who wait for it. Filled under its partition's lock, sealed once by whoever
 * comes first, then the loop's until it ends.
 */
final class ProducerBatch {
  private static final Logger log = LoggerFactory.getLogger(ProducerBatch.class);
  private static final int MIN_RECORDS = 16;

  private final TopicPartition partition;
  private final BatchBuilder builder;
  private final long openedNanos;

  private final CountDownLatch ended = new CountDownLatch(1);

  private SendCallback[] callbacks;
  private long[] timestamps;
  private int recordCount;
  private ByteBuffer records;
  private HighwaterException unsealed;
  private ProduceStream.Ack ack;

  /**
   * @param builder empty; the batch's until it has ended
   * @param expectedRecords how many will probably come
   * @param openedNanos when the first record comes, monotonic
   */
  ProducerBatch(
      TopicPartition partition, BatchBuilder builder, int expectedRecords, long openedNanos) {
    this.partition = partition;
    this.builder = builder;
    int room = Math.max(MIN_RECORDS, expectedRecords);
    this.callbacks = new SendCallback[room];
    this.timestamps = new long[room];
    this.openedNanos = openedNanos;
  }

  BatchBuilder builder() {
    return builder;
  }

  /** Bytes of the buffer pool: all that the builder may come to hold. */
  int reservedBytes() {
    return builder.maxBatchBytes();
  }

  long openedNanos() {
    return openedNanos;
  }

  int recordCount() {
    return recordCount;
  }

  /** Whether the record still fits. Under the partition's lock. */
  boolean fits(long timestamp, ProducerRecord record) {
    return builder.fits(
        timestamp, lengthOf(record.key()), lengthOf(record.value()), record.headers());
  }

  /** Encodes a record if it still fits. Under the partition's lock. */
  boolean tryAppend(long timestamp, ProducerRecord record, SendCallback callback) {
    if (!builder.tryAppend(timestamp, record.key(), record.value(), record.headers())) {
      return false;
    }
    if (recordCount == callbacks.length) {
      callbacks = Arrays.copyOf(callbacks, 2 * recordCount);
      timestamps = Arrays.copyOf(timestamps, 2 * recordCount);
    }
    callbacks[recordCount] = callback;
    timestamps[recordCount] = timestamp;
    recordCount++;
    return true;
  }

  /**
   * Compresses and seals; does nothing the second time. Not under the partition's lock.
   *
   * @return why it cannot be sealed, or null: whoever sends it fails it then
   */
  synchronized HighwaterException seal() {
    if (records == null && unsealed == null) {
      try {
        records = builder.build();
      } catch (HighwaterException e) {
        unsealed = e;
      }
    }
    return unsealed;
  }

  /** Gives the sealed batch its sequence; loop only. */
  void stamp(PartitionSequence sequence) {
    BatchStamper.stampProducer(
        new UnsafeBuffer(records.array(), records.arrayOffset(), records.limit()),
        0,
        sequence.producerId(),
        sequence.producerEpoch(),
        sequence.nextSequence());
  }

  /** Bytes of the sealed batch, as they are sent; loop only. */
  int sizeInBytes() {
    return records.limit();
  }

  /** The sealed batch; loop only. */
  ByteBuffer records() {
    return records.duplicate();
  }

  /** The broker says that the batch is in the log; loop only. */
  void acknowledged(ProduceStream.Ack by) {
    ack = by;
  }

  /** Tells everybody that the batch is in the log, as it was acknowledged. */
  void succeed() {
    boolean repeated = ack.error() == ErrorCode.DUPLICATE_SEQUENCE_NUMBER;
    long baseOffset = repeated ? RecordMetadata.NO_OFFSET : ack.baseOffset();
    for (int i = 0; i < recordCount; i++) {
      if (callbacks[i] != null) {
        tell(
            callbacks[i],
            new RecordMetadata(
                partition.topic(),
                partition.partition(),
                baseOffset < 0 ? RecordMetadata.NO_OFFSET : baseOffset + i,
                timestamps[i],
                ack.leaderEpoch(),
                ack.replicas(),
                ack.fsynced(),
                repeated || ack.duplicate()),
            null);
      }
    }
    ended.countDown();
  }

  /** Tells everybody that the batch failed. */
  void fail(ProduceFailure failure) {
    for (int i = 0; i < recordCount; i++) {
      if (callbacks[i] != null) {
        tell(callbacks[i], null, failure);
      }
    }
    ended.countDown();
  }

  /** Nobody put a record in: there is nobody to tell. */
  void discard() {
    ended.countDown();
  }

  /**
   * Waits until everybody has been told.
   *
   * @return false when the time is over first
   */
  boolean awaitEnd(long maxWaitNanos) throws InterruptedException {
    return ended.await(maxWaitNanos, TimeUnit.NANOSECONDS);
  }

  private static void tell(SendCallback callback, RecordMetadata metadata, ProduceFailure failure) {
    try {
      callback.completed(metadata, failure);
    } catch (RuntimeException e) {
      // One caller's mistake must not keep the others from hearing.
      log.warn("send callback threw", e);
    }
  }

  private static int lengthOf(byte[] bytes) {
    return bytes == null ? -1 : bytes.length;
  }
}
