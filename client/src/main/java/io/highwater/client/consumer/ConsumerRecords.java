package io.highwater.client.consumer;

import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.RecordCursor;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.agrona.DirectBuffer;

/**
 * Batches that one poll returned. Records are decompressed and decoded as they are iterated, each
 * time anew; an iterator belongs to one thread and throws CORRUPT_MESSAGE or MESSAGE_TOO_LARGE
 * where a batch cannot be decoded. Stays valid after the next poll.
 */
public final class ConsumerRecords implements Iterable<ConsumerRecord> {
  /** No records. */
  public static final ConsumerRecords EMPTY = new ConsumerRecords(Map.of(), 1);

  private final Map<TopicPartition, List<BatchSlice>> batches;
  private final int maxBatchBytes;

  /** One batch whose CRC was checked, and the first offset wanted of it. */
  record BatchSlice(
      TopicPartition partition,
      DirectBuffer buffer,
      int offset,
      int leaderEpoch,
      long fromOffset) {}

  /**
   * @param maxBatchBytes the most that a batch may inflate to
   */
  ConsumerRecords(Map<TopicPartition, List<BatchSlice>> batches, int maxBatchBytes) {
    this.batches = batches;
    this.maxBatchBytes = maxBatchBytes;
  }

  /** Whether there is nothing. */
  public boolean isEmpty() {
    return batches.isEmpty();
  }

  /** The partitions that have records here. */
  public Set<TopicPartition> partitions() {
    return Collections.unmodifiableSet(batches.keySet());
  }

  /** The records of one partition, by offset. */
  public Iterable<ConsumerRecord> records(TopicPartition partition) {
    List<BatchSlice> slices = batches.getOrDefault(partition, List.of());
    return () -> new Records(slices.iterator(), maxBatchBytes);
  }

  /** All records: by offset within a partition, partition after partition. */
  @Override
  public Iterator<ConsumerRecord> iterator() {
    Iterator<BatchSlice> slices = batches.values().stream().flatMap(List::stream).iterator();
    return new Records(slices, maxBatchBytes);
  }

  private static final class Records implements Iterator<ConsumerRecord> {
    private final Iterator<BatchSlice> slices;
    private final RecordCursor cursor;
    private BatchSlice slice;
    private boolean found;

    Records(Iterator<BatchSlice> slices, int maxBatchBytes) {
      this.slices = slices;
      this.cursor = new RecordCursor(maxBatchBytes);
    }

    @Override
    public boolean hasNext() {
      while (!found) {
        if (slice != null && cursor.next()) {
          found = cursor.offset() >= slice.fromOffset();
        } else if (slices.hasNext()) {
          slice = slices.next();
          cursor.wrap(slice.buffer(), slice.offset());
        } else {
          cursor.close();
          return false;
        }
      }
      return true;
    }

    @Override
    public ConsumerRecord next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      found = false;
      return new ConsumerRecord(
          slice.partition().topic(),
          slice.partition().partition(),
          cursor.offset(),
          cursor.timestamp(),
          slice.leaderEpoch(),
          cursor.key(),
          cursor.value(),
          cursor.headers());
    }
  }
}
