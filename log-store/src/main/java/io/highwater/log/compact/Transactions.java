package io.highwater.log.compact;

import io.highwater.log.producer.EndMarker;
import io.highwater.proto.record.BatchView;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.collections.LongHashSet;

/**
 * What a cleaning has to know of transactions, from the log's own markers: first the dirty part is
 * {@link #scan}ned, then asked about as the log is walked once. One thread.
 */
final class Transactions {
  private static final long NONE = Long.MIN_VALUE;

  private record Aborted(long firstOffset, long markerOffset) {}

  private final Long2ObjectHashMap<List<Aborted>> aborted = new Long2ObjectHashMap<>();
  private final Long2LongHashMap openSince = new Long2LongHashMap(NONE);
  private final LongHashSet withData = new LongHashSet();

  /** Whether this batch belongs to a transaction or ends one. */
  static boolean concerns(BatchView batch) {
    return batch.isTransactional() || batch.isControl();
  }

  /** Takes note of a batch, in the order of the log. */
  void scan(BatchView batch) {
    long producerId = batch.producerId();
    if (!batch.isControl()) {
      if (batch.isTransactional() && openSince.get(producerId) == NONE) {
        openSince.put(producerId, batch.baseOffset());
      }
      return;
    }
    EndMarker marker = EndMarker.of(batch);
    long first = marker == null ? NONE : openSince.remove(producerId);
    if (first != NONE && marker.aborts()) {
      aborted
          .computeIfAbsent(producerId, id -> new ArrayList<>())
          .add(new Aborted(first, batch.baseOffset()));
    }
  }

  /** First offset of the transactions whose end was not seen; {@link Long#MAX_VALUE} without. */
  long firstOpen() {
    long first = Long.MAX_VALUE;
    for (Long2LongHashMap.EntryIterator open = openSince.entrySet().iterator(); open.hasNext(); ) {
      open.next();
      first = Math.min(first, open.getLongValue());
    }
    return first;
  }

  /** Whether a batch of records was aborted: nobody may read it. */
  boolean isAborted(BatchView batch) {
    if (!batch.isTransactional() || batch.isControl()) {
      return false;
    }
    List<Aborted> ranges = aborted.get(batch.producerId());
    if (ranges == null) {
      return false;
    }
    int low = 0;
    int high = ranges.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ranges.get(middle).markerOffset() < batch.baseOffset()) {
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
