package io.highwater.replication.core;

import java.util.ArrayDeque;
import java.util.function.ToLongFunction;

/**
 * Appends that wait for the high watermark, answered in the order of their requests (ACK-3): a
 * repeat that waits for an earlier offset does not overtake.
 *
 * @param <W> a waiting append
 */
public final class AckTracker<W> {
  private final ArrayDeque<W> waiting = new ArrayDeque<>();
  private final ToLongFunction<W> endOffset;

  /**
   * @param endOffset the offset that the high watermark must reach for an append to be committed
   */
  public AckTracker(ToLongFunction<W> endOffset) {
    this.endOffset = endOffset;
  }

  /** Adds an append behind all others. */
  public void await(W append) {
    waiting.addLast(append);
  }

  /** Takes the next append that the high watermark has passed, or null (ACK-1). */
  public W pollCommitted(long highWatermark) {
    W next = waiting.peekFirst();
    return next == null || endOffset.applyAsLong(next) > highWatermark ? null : waiting.pollFirst();
  }

  /** Takes the next append, committed or not, or null: when leadership ends. */
  public W poll() {
    return waiting.pollFirst();
  }

  /** How many wait. */
  public int size() {
    return waiting.size();
  }
}
