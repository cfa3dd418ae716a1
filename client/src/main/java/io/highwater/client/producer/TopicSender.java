package io.highwater.client.producer;

import io.highwater.proto.record.Codec;
import java.util.UUID;

/**
 * One life of a topic, as the producer needs it: its partitions, its limits, its sticky partition,
 * and what its batches are like. From any thread, except where methods say otherwise.
 */
final class TopicSender {
  private final String topic;
  private final UUID topicId;
  private final Codec codec;
  private final int batchBytes;
  private final int maxBatchBytes;
  private final int maxContentBytes;
  private final StickyPartition sticky;
  private final CompressionRatio compression = new CompressionRatio();
  private volatile PartitionSender[] partitions;
  private volatile int expectedRecords;

  /**
   * @param batchBytes what batches should come to when they are sent, at most {@code maxBatchBytes}
   * @param maxBatchBytes the most that one record may come to
   * @param maxContentBytes the most that batches may come to before compression, from {@code
   *     batchBytes} to {@code maxBatchBytes}
   */
  TopicSender(
      String topic,
      UUID topicId,
      Codec codec,
      int batchBytes,
      int maxBatchBytes,
      int maxContentBytes,
      StickyPartition sticky,
      PartitionSender[] partitions) {
    this.topic = topic;
    this.topicId = topicId;
    this.codec = codec;
    this.batchBytes = batchBytes;
    this.maxBatchBytes = maxBatchBytes;
    this.maxContentBytes = maxContentBytes;
    this.sticky = sticky;
    this.partitions = partitions;
  }

  String topic() {
    return topic;
  }

  UUID topicId() {
    return topicId;
  }

  /** What batches should come to when they are sent. */
  int batchBytes() {
    return batchBytes;
  }

  /** Where batches are closed now, before compression; from {@link #batchBytes}. */
  int contentBytes() {
    return codec == Codec.NONE ? batchBytes : compression.contentBytes(batchBytes, maxContentBytes);
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

  /** A sealed batch ended: the next ones will be like it. Loop only. */
  void expectLike(ProducerBatch ended) {
    expectedRecords = ended.recordCount();
    if (codec != Codec.NONE) {
      compression.observed(ended.builder().sizeInBytes(), ended.sizeInBytes());
    }
  }
}
