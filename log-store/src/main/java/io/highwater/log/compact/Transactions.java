package io.highwater.log.compact;

import io.highwater.log.index.AbortedTransaction;
import io.highwater.proto.record.BatchView;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.collections.LongHashSet;

/**
 * What a cleaning has to know of transactions: which were aborted, and, as the log is walked once,
 * which still have records. One thread.
 */
final class Transactions {
  private final Long2ObjectHashMap<List<AbortedTransaction>> aborted = new Long2ObjectHashMap<>();
  private final LongHashSet withData = new LongHashSet();

  /**
   * Knows the transactions with records in what is cleaned.
   *
   * @param inOrder of their ends
   */
  Transactions(List<AbortedTransaction> inOrder) {
    for (AbortedTransaction one : inOrder) {
      aborted.computeIfAbsent(one.producerId(), id -> new ArrayList<>()).add(one);
    }
  }

  /** Whether a batch of records was aborted: nobody may read it. */
  boolean isAborted(BatchView batch) {
    if (!batch.isTransactional() || batch.isControl()) {
      return false;
    }
    List<AbortedTransaction> ranges = aborted.get(batch.producerId());
    if (ranges == null) {
      return false;
    }
    int low = 0;
    int high = ranges.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ranges.get(middle).lastOffset() < batch.baseOffset()) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low < ranges.size() && ranges.get(low).firstOffset() <= batch.baseOffset();
  }

  /** Takes note of records that a walk met in a transaction, until its marker. */
  void met(BatchView batch) {
    if (batch.isTransactional()) {
      withData.add(batch.producerId());
    }
  }

  /** Whether a marker's transaction had no records left before this walk; ends it. */
  boolean endsEmpty(BatchView marker) {
    return !withData.remove(marker.producerId());
  }
}
