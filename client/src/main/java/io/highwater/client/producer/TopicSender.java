package io.highwater.client.producer;

import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.Codec;
import java.util.ArrayDeque;
import java.util.UUID;

/**
 * One life of a topic, as the producer needs it: its partitions, its limits, its sticky partition,
 * and builders that are used again. From any thread, except where methods say otherwise.
 */
final class TopicSender {
  private static final int MAX_IDLE_BUILDERS = 64;

  private final String topic;
  private final UUID topicId;
  private final Codec codec;
  private final int batchBytes;
  private final int maxBatchBytes;
  private final StickyPartition sticky;
  private final ArrayDeque<BatchBuilder> idleBuilders = new ArrayDeque<>();
  private volatile PartitionSender[] partitions;
  private volatile int expectedRecords;

  /**
   * @param batchBytes where batches are closed, at most {@code maxBatchBytes}
   * @param maxBatchBytes the most that one record may come to
   */
  TopicSender(
      String topic,
      UUID topicId,
      Codec codec,
      int batchBytes,
      int maxBatchBytes,
      StickyPartition sticky,
      PartitionSender[] partitions) {
    this.topic = topic;
    this.topicId = topicId;
    this.codec = codec;
    this.batchBytes = batchBytes;
    this.maxBatchBytes = maxBatchBytes;
    this.sticky = sticky;
    this.partitions = partitions;
  }

  String topic() {
    return topic;
  }

  UUID topicId() {
    return topicId;
  }

  /** Where batches are closed. */
  int batchBytes() {
    return batchBytes;
  }

  /** The most that one record may come to. */
  int maxBatchBytes() {
    return maxBatchBytes;
  }

  StickyPartition sticky() {
    return sticky;
  }

  /** By number. */
  PartitionSender[] partitions() {
    return partitions;
  }

  /** The topic got more partitions; loop only. */
  void partitions(PartitionSender[] more) {
    partitions = more;
  }

  /** How many records a batch will probably have: as many as the last one. */
  int expectedRecords() {
    return expectedRecords;
  }

  /** A batch ended with so many records. */
  void expectedRecords(int records) {
    expectedRecords = records;
  }

  /** An empty builder for batches of {@link #batchBytes}. */
  BatchBuilder builder() {
    synchronized (idleBuilders) {
      BatchBuilder idle = idleBuilders.pollLast();
      if (idle != null) {
        return idle;
      }
    }
    return new BatchBuilder(codec, batchBytes);
  }

  /** A builder for one record that is larger than a batch should be. */
  BatchBuilder builderFor(int recordBytes) {
    return new BatchBuilder(codec, recordBytes);
  }

  /** Takes a builder of {@link #builder()} back. */
  void recycle(BatchBuilder builder) {
    builder.reset();
    synchronized (idleBuilders) {
      if (idleBuilders.size() < MAX_IDLE_BUILDERS) {
        idleBuilders.addLast(builder);
      }
    }
  }
}
