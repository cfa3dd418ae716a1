package io.highwater.client.producer;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;

/**
 * Where a topic's records without key or partition go: to one partition until its batch closes,
 * then to another one, so that batches become full (KIP-480). From any thread.
 */
final class StickyPartition {
  private static final int NONE = -1;

  private final DoubleSupplier random;
  private final AtomicInteger current = new AtomicInteger(NONE);
  private volatile int[] candidates;

  /**
   * @param random evenly spread over [0, 1), from any thread
   * @param candidates partitions to choose from, at least one
   */
  StickyPartition(DoubleSupplier random, int[] candidates) {
    this.random = random;
    this.candidates = candidates;
  }

  /** The partition for now. */
  int current() {
    int partition = current.get();
    if (partition == NONE) {
      current.compareAndSet(NONE, choose(NONE));
      partition = current.get();
    }
    return partition;
  }

  /** A partition's batch closed: if it was the one, another is chosen. */
  void batchClosed(int partition) {
    if (current.get() == partition) {
      current.compareAndSet(partition, choose(partition));
    }
  }

  /** From now on these are chosen from, at least one; those with a leader, where there are any. */
  void candidates(int[] partitions) {
    candidates = partitions;
  }

  private int choose(int before) {
    int[] partitions = candidates;
    int at = (int) (random.getAsDouble() * partitions.length);
    if (partitions[at] == before) {
      at = (at + 1) % partitions.length;
    }
    return partitions[at];
  }
}
