package io.highwater.log.index;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Offset &rarr; file position, sparse. Entry as in Kafka: i32 <em>last</em> offset of a batch
 * relative to the segment's base, i32 position where that batch begins.
 *
 * <p>One writer; any thread looks up. A look-up that races with a truncation may see an entry that
 * no longer holds: entries are hints, and the reader checks the batch it lands on (STO-5).
 */
public final class OffsetIndex {
  /** Size of an entry in the file. */
  public static final int ENTRY_BYTES = 8;

  private static final int FIRST_CAPACITY = 16;

  private volatile long[] entries;
  private volatile int count;

  /** An index without entries. */
  public OffsetIndex() {
    this(new long[FIRST_CAPACITY], 0);
  }

  private OffsetIndex(long[] entries, int count) {
    this.entries = entries;
    this.count = count;
  }

  /**
   * The index of a file's whole content; cut at the first entry that does not ascend, and thus at a
   * zeroed tail.
   */
  public static OffsetIndex decode(ByteBuffer content) {
    long[] entries = new long[content.remaining() / ENTRY_BYTES];
    int count = 0;
    while (count < entries.length) {
      long entry = content.getLong();
      boolean ascends =
          count == 0
              ? entry >= 0 && position(entry) >= 0
              : relativeOffset(entry) > relativeOffset(entries[count - 1])
                  && position(entry) > position(entries[count - 1]);
      if (!ascends) {
        break;
      }
      entries[count++] = entry;
    }
    return new OffsetIndex(entries, count);
  }

  /** Entries held. */
  public int count() {
    return count;
  }

  /** Relative offset of entry {@code i}. */
  public int relativeOffset(int i) {
    return relativeOffset(entries[i]);
  }

  /** File position of entry {@code i}. */
  public int position(int i) {
    return position(entries[i]);
  }

  /** Adds an entry; both values are above those of the entry before. Writer only. */
  public void append(int relativeLastOffset, int position) {
    int size = count;
    long[] array = entries;
    if (size == array.length) {
      array = Arrays.copyOf(array, Math.max(FIRST_CAPACITY, size * 2));
      entries = array;
    }
    array[size] = (long) relativeLastOffset << 32 | position;
    count = size + 1;
  }

  /** The last entry whose batch ends at or before {@code relativeOffset}; -1 when there is none. */
  public int floorEntry(int relativeOffset) {
    long[] array = entries;
    int low = 0;
    int high = Math.min(count, array.length);
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (relativeOffset(array[middle]) <= relativeOffset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  /** Position of the last entry; 0 when there is none. */
  public int lastPosition() {
    int size = count;
    return size == 0 ? 0 : position(entries[size - 1]);
  }

  /** The last position held at or below {@code position}; 0 when there is none. Any thread. */
  public int floorPosition(int position) {
    long[] array = entries;
    int low = 0;
    int high = Math.min(count, array.length);
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (position(array[middle]) <= position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == 0 ? 0 : position(array[low - 1]);
  }

  /** Drops the entries of batches that begin at or past {@code position}. Writer only. */
  public void truncateToPosition(int position) {
    int size = count;
    long[] array = entries;
    while (size > 0 && position(array[size - 1]) >= position) {
      size--;
    }
    count = size;
  }

  /** The file bytes of entries {@code from} to the last, ready to be written. */
  public ByteBuffer encode(int from) {
    int size = count;
    ByteBuffer bytes = ByteBuffer.allocate((size - from) * ENTRY_BYTES);
    for (int i = from; i < size; i++) {
      bytes.putLong(entries[i]);
    }
    return bytes.flip();
  }

  private static int relativeOffset(long entry) {
    return (int) (entry >>> 32);
  }

  private static int position(long entry) {
    return (int) entry;
  }
}
