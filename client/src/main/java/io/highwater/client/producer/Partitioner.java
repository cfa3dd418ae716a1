package io.highwater.client.producer;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.Murmur2;
import io.highwater.proto.Outcome;

/** Which partition a record goes to: the one it names, its key's, or the sticky one. */
final class Partitioner {
  private Partitioner() {}

  /**
   * The partition of a record.
   *
   * @param partitions how many the topic has
   * @throws ProduceFailure UNKNOWN_TOPIC_OR_PARTITION when the record names one that does not exist
   */
  static int partition(ProducerRecord record, int partitions, StickyPartition sticky) {
    if (record.partition() != null) {
      int named = record.partition();
      if (named >= partitions) {
        throw new ProduceFailure(
            ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
            Outcome.REFUSED,
            "topic " + record.topic() + " has no partition " + named + ", it has " + partitions);
      }
      return named;
    }
    return record.key() == null ? sticky.current() : Murmur2.partition(record.key(), partitions);
  }
}
