package io.highwater.client.consumer;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
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
 * time anew; an iterator belongs to one thread. Where a batch cannot be decoded {@link
 * ConsumerBuilder#corruptRecords} decides: by default CORRUPT_MESSAGE or MESSAGE_TOO_LARGE is
 * thrown. Stays valid after the next poll.
 */
public final class ConsumerRecords implements Iterable<ConsumerRecord> {
  /** No records. */
  public static final ConsumerRecords EMPTY = new ConsumerRecords(Map.of(), 1, CorruptRecords.FAIL);

  private final Map<TopicPartition, List<BatchSlice>> batches;
  private final int maxBatchBytes;
  private final CorruptRecords corrupt;

  /** One batch whose CRC was checked, the first offset wanted of it, and its end. */
  record BatchSlice(
      TopicPartition partition,
      DirectBuffer buffer,
      int offset,
      int leaderEpoch,
      long fromOffset,
      long nextOffset) {}

  /**
   * @param maxBatchBytes the most that a batch may inflate to
   * @param corrupt hears of batches that cannot be decoded
   */
  ConsumerRecords(
      Map<TopicPartition, List<BatchSlice>> batches, int maxBatchBytes, CorruptRecords corrupt) {
    this.batches = batches;
    this.maxBatchBytes = maxBatchBytes;
    this.corrupt = corrupt;
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
    return () -> new Records(slices.iterator(), maxBatchBytes, corrupt);
  }

  /** All records: by offset within a partition, partition after partition. */
  @Override
  public Iterator<ConsumerRecord> iterator() {
    Iterator<BatchSlice> slices = batches.values().stream().flatMap(List::stream).iterator();
    return new Records(slices, maxBatchBytes, corrupt);
  }

  private static final class Records implements Iterator<ConsumerRecord> {
    private final Iterator<BatchSlice> slices;
    private final RecordCursor cursor;
    private final CorruptRecords corrupt;
    private BatchSlice slice;
    private long dueOffset;
    private boolean found;

    Records(Iterator<BatchSlice> slices, int maxBatchBytes, CorruptRecords corrupt) {
      this.slices = slices;
      this.cursor = new RecordCursor(maxBatchBytes);
      this.corrupt = corrupt;
    }

    @Override
    public boolean hasNext() {
      while (!found) {
        if (slice == null) {
          if (!slices.hasNext()) {
            cursor.close();
            return false;
          }
          slice = slices.next();
          dueOffset = slice.fromOffset();
          advance(true);
        } else {
          advance(false);
        }
      }
      return true;
    }

    /** To the next record that is wanted, or past the slice. */
    private void advance(boolean begins) {
      BatchSlice current = slice;
      try {
        if (begins) {
          cursor.wrap(current.buffer(), current.offset());
        }
        if (!cursor.next()) {
          slice = null;
        } else if (cursor.offset() >= current.fromOffset()) {
          found = true;
          dueOffset = cursor.offset() + 1;
        }
      } catch (HighwaterException e) {
        slice = null;
        passOver(current, e);
      }
    }

    private void passOver(BatchSlice passed, HighwaterException cause) {
      if (cause.code() != ErrorCode.CORRUPT_MESSAGE
          && cause.code() != ErrorCode.MESSAGE_TOO_LARGE) {
        throw cause;
      }
      corrupt.met(
          new CorruptRange(passed.partition(), dueOffset, passed.nextOffset(), cause.getMessage()),
          cause);
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
