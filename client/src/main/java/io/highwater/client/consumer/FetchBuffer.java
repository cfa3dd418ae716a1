package io.highwater.client.consumer;

import io.highwater.client.consumer.FetchedItem.Batches;
import io.highwater.proto.TopicPartition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What was fetched and not polled yet. The loop fills it, bounded by the credit it gave; the
 * consumer's thread takes partitions in turn, so that none starves another.
 */
final class FetchBuffer {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<TopicPartition, ArrayDeque<FetchedItem>> items = new HashMap<>();
  private final ArrayDeque<TopicPartition> turns = new ArrayDeque<>();
  private final Map<TopicPartition, Long> highWatermarks = new ConcurrentHashMap<>();
  private boolean woken;

  /** Adds an item behind the partition's others. */
  void offer(FetchedItem item) {
    lock.lock();
    try {
      ArrayDeque<FetchedItem> queue =
          items.computeIfAbsent(item.partition(), partition -> new ArrayDeque<>());
      if (queue.isEmpty()) {
        turns.addLast(item.partition());
      }
      queue.addLast(item);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The leader told its high watermark. */
  void highWatermark(TopicPartition partition, long offset) {
    highWatermarks.put(partition, offset);
  }

  /** A follower told its high watermark, which is the leader's or an earlier one of it. */
  void followerHighWatermark(TopicPartition partition, long offset) {
    highWatermarks.merge(partition, offset, Math::max);
  }

  /** The high watermark last told, or {@code otherwise}. */
  long highWatermarkOr(TopicPartition partition, long otherwise) {
    return highWatermarks.getOrDefault(partition, otherwise);
  }

  /**
   * Takes items, one of each partition in turn; a gap or failure comes alone.
   *
   * @param maxBytes of batches, one item may exceed it
   * @return none when the time is over or after {@link #wakeup}
   */
  List<FetchedItem> take(int maxBytes, long maxWaitNanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long remainingNanos = maxWaitNanos;
      while (turns.isEmpty() && !woken && remainingNanos > 0) {
        remainingNanos = changed.awaitNanos(remainingNanos);
      }
      if (turns.isEmpty()) {
        woken = false;
        return List.of();
      }
      return takeInTurn(maxBytes);
    } finally {
      lock.unlock();
    }
  }

  private List<FetchedItem> takeInTurn(int maxBytes) {
    List<FetchedItem> taken = new ArrayList<>();
    long bytes = 0;
    while (!turns.isEmpty() && bytes < maxBytes) {
      TopicPartition partition = turns.peekFirst();
      ArrayDeque<FetchedItem> queue = items.get(partition);
      boolean isBatches = queue.peekFirst() instanceof Batches;
      if (!isBatches && !taken.isEmpty()) {
        return taken;
      }
      FetchedItem item = queue.pollFirst();
      turns.removeFirst();
      if (!queue.isEmpty()) {
        turns.addLast(partition);
      }
      taken.add(item);
      if (!isBatches) {
        return taken;
      }
      bytes += ((Batches) item).records().remaining();
    }
    return taken;
  }

  /** Makes a {@link #take} that waits, or the next one that would, return. */
  void wakeup() {
    lock.lock();
    try {
      woken = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
