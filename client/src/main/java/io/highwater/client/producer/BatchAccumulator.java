package io.highwater.client.producer;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;

/**
 * Records on their way into batches: finds the partition, encodes into its open batch, and waits
 * for memory where the buffer is full. Senders come from any thread; the loop takes the batches.
 */
final class BatchAccumulator {
  private final BufferPool pool;
  private final BuilderPool builders;
  private final NanoClock nanoClock;
  private final long maxBlockMs;
  private final Map<String, TopicSender> topics = new ConcurrentHashMap<>();
  private final Set<ProducerBatch> incomplete = ConcurrentHashMap.newKeySet();

  /** Hears of batches, in the thread that filled them. */
  interface Signal {
    /**
     * A partition has a new batch.
     *
     * @param full whether a batch is ready to be sent, rather than open for more records
     */
    void batch(PartitionSender partition, boolean full);
  }

  BatchAccumulator(BufferPool pool, BuilderPool builders, NanoClock nanoClock, long maxBlockMs) {
    this.pool = pool;
    this.builders = builders;
    this.nanoClock = nanoClock;
    this.maxBlockMs = maxBlockMs;
  }

  /** A topic that is known, or null. */
  TopicSender topic(String name) {
    return topics.get(name);
  }

  List<TopicSender> topics() {
    return new ArrayList<>(topics.values());
  }

  void put(TopicSender topic) {
    topics.put(topic.topic(), topic);
  }

  void remove(TopicSender topic) {
    topics.remove(topic.topic(), topic);
  }

  /** Whether senders wait for memory. */
  boolean isExhausted() {
    return pool.isExhausted();
  }

  /**
   * Encodes a record into its partition's open batch; opens one when need be, waiting for memory.
   *
   * @param timestamp ms since 1970
   * @param canWait whether the thread may block
   * @return false when the topic has been retired: look it up again
   * @throws ProduceFailure MESSAGE_TOO_LARGE, UNKNOWN_TOPIC_OR_PARTITION, or REQUEST_TIMED_OUT when
   *     there is no memory in time; nothing was appended
   */
  boolean append(
      TopicSender topic,
      ProducerRecord record,
      long timestamp,
      SendCallback callback,
      boolean canWait,
      Signal signal) {
    PartitionSender partition = choose(topic, record);
    PartitionQueue.Append appended = partition.queue().append(timestamp, record, callback, null);
    if (appended != PartitionQueue.Append.NEEDS_BATCH) {
      return appended == PartitionQueue.Append.APPENDED;
    }
    long recordBytes = Producer.sizeInBatch(record);
    requireWithinLimits(topic, record, recordBytes);

    ProducerBatch closed = partition.queue().closeIfFull(timestamp, record);
    if (closed != null) {
      // Here, on the caller's time. What keeps it from being sealed its sender tells.
      HighwaterException unused = closed.seal();
      topic.sticky().batchClosed(partition.partition().partition());
      signal.batch(partition, true);
      // A record without key or partition begins the next batch where the next ones will go.
      partition = choose(topic, record);
    }
    ProducerBatch fresh = open(topic, partition, recordBytes, canWait);
    appended = partition.queue().append(timestamp, record, callback, fresh);
    if (appended == PartitionQueue.Append.OPENED) {
      signal.batch(partition, false);
      return true;
    }
    release(fresh);
    // A flush may wait for it already.
    fresh.discard();
    ended(fresh);
    return appended == PartitionQueue.Append.APPENDED;
  }

  private static PartitionSender choose(TopicSender topic, ProducerRecord record) {
    PartitionSender[] partitions = topic.partitions();
    return partitions[Partitioner.partition(record, partitions.length, topic.sticky())];
  }

  private void requireWithinLimits(TopicSender topic, ProducerRecord record, long recordBytes) {
    if (recordBytes > topic.maxBatchBytes() || recordBytes > pool.capacity()) {
      throw new ProduceFailure(
          ErrorCode.MESSAGE_TOO_LARGE,
          Outcome.REFUSED,
          "record of "
              + recordBytes
              + " bytes for topic "
              + record.topic()
              + " is above the limit of "
              + Math.min(topic.maxBatchBytes(), pool.capacity()));
    }
  }

  private ProducerBatch open(
      TopicSender topic, PartitionSender partition, long recordBytes, boolean canWait) {
    int contentBytes = topic.contentBytes();
    boolean ordinary = recordBytes <= contentBytes;
    int reservedBytes = ordinary ? contentBytes : (int) recordBytes;
    reserve(reservedBytes, canWait);
    ProducerBatch batch =
        new ProducerBatch(
            partition.partition(),
            builders.take(reservedBytes),
            ordinary ? topic.expectedRecords() : 1,
            nanoClock.nanoTime());
    incomplete.add(batch);
    return batch;
  }

  private void reserve(int bytes, boolean canWait) {
    if (pool.tryReserve(bytes)) {
      return;
    }
    try {
      if (canWait && pool.reserve(bytes, TimeUnit.MILLISECONDS.toNanos(maxBlockMs))) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted("waiting for memory", e);
    }
    throw new ProduceFailure(
        ErrorCode.REQUEST_TIMED_OUT,
        Outcome.REFUSED,
        "the buffer of "
            + pool.capacity()
            + " bytes is full"
            + (canWait ? ", waited " + maxBlockMs + " ms" : ""));
  }

  /** Takes a batch's memory back. */
  void release(ProducerBatch batch) {
    int reservedBytes = batch.reservedBytes();
    builders.recycle(batch.builder());
    pool.release(reservedBytes);
  }

  /** A sealed batch is about to end: takes its memory back and learns from it. Loop only. */
  void finish(TopicSender topic, ProducerBatch batch) {
    topic.expectLike(batch);
    release(batch);
  }

  /** A batch has ended and everybody knows. */
  void ended(ProducerBatch batch) {
    incomplete.remove(batch);
  }

  /**
   * Waits until every batch that exists now has ended.
   *
   * @return false when the time is over first
   */
  boolean awaitIncomplete(long maxWaitNanos) throws InterruptedException {
    long startNanos = nanoClock.nanoTime();
    for (ProducerBatch batch : new ArrayList<>(incomplete)) {
      long remainingNanos = maxWaitNanos - (nanoClock.nanoTime() - startNanos);
      if (!batch.awaitEnd(remainingNanos)) {
        return false;
      }
    }
    return true;
  }

  static CancellationException interrupted(String what, InterruptedException cause) {
    CancellationException cancelled = new CancellationException("interrupted while " + what);
    cancelled.initCause(cause);
    return cancelled;
  }
}
