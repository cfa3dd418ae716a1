package io.highwater.client.cli;

import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.Codec;
import io.highwater.proto.record.RecordCursor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Sends records to one partition of a topic, in their order, with their keys, headers and
 * timestamps, until one fails. Memory is bounded by the producer's buffer.
 */
public final class TopicTarget implements RecordTarget {
  private final TopicPartition partition;
  private final Producer producer;
  private final WaitingNotice notice;
  private final AtomicLong written = new AtomicLong();
  private final AtomicReference<HighwaterException> failure = new AtomicReference<>();

  /**
   * Connects.
   *
   * @param bootstrap brokers to begin with
   * @param partition where to
   * @param codec how the batches are compressed
   * @param streams hears why records wait
   * @throws HighwaterException UNKNOWN_TOPIC_OR_PARTITION when there is none such, or why the
   *     cluster does not say
   */
  public TopicTarget(String bootstrap, TopicPartition partition, Codec codec, CliStreams streams) {
    this.partition = partition;
    this.producer =
        Producer.builder().bootstrap(bootstrap).waitForBrokers(false).compression(codec).build();
    this.notice = WaitingNotice.of(producer, streams.err());
    boolean there = false;
    try {
      int partitions = producer.partitions(partition.topic());
      if (partition.partition() >= partitions) {
        throw new HighwaterException(
            ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
            "topic "
                + partition.topic()
                + " has partitions 0 to "
                + (partitions - 1)
                + ", not "
                + partition.partition());
      }
      there = true;
    } finally {
      if (!there) {
        close();
      }
    }
  }

  @Override
  public void add(RecordCursor record, int leaderEpoch) {
    throwFailure();
    long offset = record.offset();
    if (record.timestamp() < 0) {
      throw failure(
          ErrorCode.INVALID_TIMESTAMP,
          Outcome.REFUSED,
          offset,
          "timestamp " + record.timestamp() + " cannot be produced");
    }
    producer.send(
        new ProducerRecord(
            partition.topic(),
            partition.partition(),
            record.key(),
            record.value(),
            record.headers(),
            record.timestamp()),
        (metadata, failed) -> {
          if (failed == null) {
            written.incrementAndGet();
          } else {
            failure.compareAndSet(
                null, failure(failed.code(), failed.outcome(), offset, failed.getMessage()));
          }
        });
  }

  private static HighwaterException failure(
      ErrorCode code, Outcome outcome, long offset, String text) {
    return new HighwaterException(
        code, outcome, "the record of offset " + offset + ": " + text, null);
  }

  @Override
  public void complete() {
    producer.flush();
    throwFailure();
  }

  private void throwFailure() {
    HighwaterException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
  }

  @Override
  public long written() {
    return written.get();
  }

  @Override
  public void close() {
    notice.close();
    producer.close();
  }
}
