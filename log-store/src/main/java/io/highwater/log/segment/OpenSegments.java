package io.highwater.log.segment;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds what sealed segments keep open, over all logs of a process: thousands of partitions must
 * not mean tens of thousands of descriptors. A segment that was read since it was last looked at
 * gets a second chance. Any thread; no locks.
 */
public final class OpenSegments {
  /** Room for about five hundred segments, or 64 MiB of their indexes. */
  public static final long DEFAULT_MAX_COUNT = 512;

  private static final long MAX_WEIGHT = 64L << 20;

  private record Held(Segment segment, SegmentData data, int weight) {}

  private final long maxCount;
  private final ConcurrentLinkedQueue<Held> queue = new ConcurrentLinkedQueue<>();
  private final AtomicLong count = new AtomicLong();
  private final AtomicLong weight = new AtomicLong();

  /** Keeps at most about {@code maxCount} sealed segments open. */
  public OpenSegments(long maxCount) {
    this.maxCount = maxCount;
  }

  /** Sealed segments kept open now. */
  public long count() {
    return count.get();
  }

  /** Takes note of a segment that was just opened, or sealed while open. */
  void opened(Segment segment, SegmentData data) {
    Held held = new Held(segment, data, data.weight());
    count.incrementAndGet();
    weight.addAndGet(held.weight());
    queue.add(held);
    long tries = 2 * count.get();
    while ((count.get() > maxCount || weight.get() > MAX_WEIGHT) && tries-- > 0) {
      Held oldest = queue.poll();
      if (oldest == null) {
        return;
      }
      if (oldest.segment() != segment && !oldest.segment().takeTouched()) {
        oldest.segment().coolDown(oldest.data());
        count.decrementAndGet();
        weight.addAndGet(-oldest.weight());
      } else {
        queue.add(oldest);
      }
    }
  }
}
