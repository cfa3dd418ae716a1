package io.highwater.log.index;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Timestamp &rarr; offset, sparse. Entry as in Kafka: i64 greatest timestamp up to a batch, i32
 * last offset of the batch that brought it, relative to the segment's base. Both ascend strictly.
 *
 * <p>One writer; any thread looks up, under the terms of {@link OffsetIndex}.
 */
public final class TimeIndex {
  /** Size of an entry in the file. */
  public static final int ENTRY_BYTES = 12;

  private static final int FIRST_CAPACITY = 16;

  /** Grown as one, so that a reader never pairs arrays of two generations. */
  private static final class Columns {
    private final long[] timestamps;
    private final int[] relativeOffsets;

    Columns(long[] timestamps, int[] relativeOffsets) {
      this.timestamps = timestamps;
      this.relativeOffsets = relativeOffsets;
    }

    Columns(int capacity) {
      this(new long[capacity], new int[capacity]);
    }

    Columns grown(int capacity) {
      return new Columns(
          Arrays.copyOf(timestamps, capacity), Arrays.copyOf(relativeOffsets, capacity));
    }
  }

  private volatile Columns columns;
  private volatile int count;

  /** An index without entries. */
  public TimeIndex() {
    this(new Columns(FIRST_CAPACITY), 0);
  }

  private TimeIndex(Columns columns, int count) {
    this.columns = columns;
    this.count = count;
  }

  /** The index of a file's whole content; cut at the first entry that does not ascend. */
  public static TimeIndex decode(ByteBuffer content) {
    TimeIndex index = new TimeIndex(new Columns(content.remaining() / ENTRY_BYTES), 0);
    while (content.remaining() >= ENTRY_BYTES) {
      long timestamp = content.getLong();
      int relativeOffset = content.getInt();
      if (relativeOffset < 0 || !index.append(timestamp, relativeOffset)) {
        break;
      }
    }
    return index;
  }

  /** Entries held. */
  public int count() {
    return count;
  }

  /** Timestamp of entry {@code i}, ms since 1970. */
  public long timestamp(int i) {
    return columns.timestamps[i];
  }

  /** Relative offset of entry {@code i}. */
  public int relativeOffset(int i) {
    return columns.relativeOffsets[i];
  }

  /**
   * Adds an entry when timestamp and offset are above those of the entry before; returns whether it
   * was added. Writer only.
   */
  public boolean append(long timestamp, int relativeOffset) {
    int size = count;
    Columns held = columns;
    if (size > 0
        && (timestamp <= held.timestamps[size - 1]
            || relativeOffset <= held.relativeOffsets[size - 1])) {
      return false;
    }
    if (size == held.timestamps.length) {
      held = held.grown(Math.max(FIRST_CAPACITY, size * 2));
      columns = held;
    }
    held.timestamps[size] = timestamp;
    held.relativeOffsets[size] = relativeOffset;
    count = size + 1;
    return true;
  }

  /**
   * Relative offset up to which no timestamp is above {@code timestamp}; 0 when the index cannot
   * say. A search for that timestamp starts at the batch of this offset.
   */
  public int floorRelativeOffset(long timestamp) {
    Columns held = columns;
    int low = 0;
    int high = Math.min(count, held.timestamps.length);
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (held.timestamps[middle] <= timestamp) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == 0 ? 0 : held.relativeOffsets[low - 1];
  }

  /** Drops the entries at or above {@code relativeOffset}. Writer only. */
  public void truncateTo(int relativeOffset) {
    int size = count;
    int[] offsets = columns.relativeOffsets;
    while (size > 0 && offsets[size - 1] >= relativeOffset) {
      size--;
    }
    count = size;
  }

  /** The file bytes of entries {@code from} to the last, ready to be written. */
  public ByteBuffer encode(int from) {
    int size = count;
    Columns held = columns;
    ByteBuffer bytes = ByteBuffer.allocate((size - from) * ENTRY_BYTES);
    for (int i = from; i < size; i++) {
      bytes.putLong(held.timestamps[i]).putInt(held.relativeOffsets[i]);
    }
    return bytes.flip();
  }
}
