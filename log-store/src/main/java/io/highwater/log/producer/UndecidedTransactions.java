package io.highwater.log.producer;

import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The transactions that hold back the last stable offset: open ones, and ended ones whose end is
 * not below the high watermark yet, because another leader might end them differently (KIP-98).
 * Owner thread only.
 */
final class UndecidedTransactions {
  private final TreeSet<Long> open = new TreeSet<>();
  private final TreeMap<Long, Long> ended = new TreeMap<>();

  /** A transaction begins with the record at {@code firstOffset}. */
  void begin(long firstOffset) {
    open.add(firstOffset);
  }

  /** The transaction that began at {@code firstOffset} ends with the marker at {@code offset}. */
  void end(long firstOffset, long offset) {
    open.remove(firstOffset);
    ended.put(firstOffset, offset);
  }

  /** A transaction is gone without an end, with the producer that nobody knows any more. */
  void forget(long firstOffset) {
    open.remove(firstOffset);
  }

  /** First offset of the oldest open transaction; {@code otherwise} when there is none. */
  long firstOpen(long otherwise) {
    return open.isEmpty() ? otherwise : open.first();
  }

  /** First offset of the oldest undecided transaction; {@code otherwise} when there is none. */
  long first(long otherwise) {
    long first = firstOpen(otherwise);
    return ended.isEmpty() ? first : Math.min(first, ended.firstKey());
  }

  /** What ended below {@code highWatermark} is decided. */
  void committedTo(long highWatermark) {
    if (!ended.isEmpty()) {
      ended.values().removeIf(end -> end < highWatermark);
    }
  }

  void clear() {
    open.clear();
    ended.clear();
  }
}
