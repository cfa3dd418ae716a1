package io.highwater.client.producer;

import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.Codec;
import java.util.ArrayDeque;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * Builders that are used again, the last one first, so that a busy producer neither allocates nor
 * zeroes the memory of its batches. From any thread.
 */
final class BuilderPool {
  private final Codec codec;
  private final long maxIdleBytes;
  private final Int2ObjectHashMap<ArrayDeque<BatchBuilder>> idle = new Int2ObjectHashMap<>();
  private long idleBytes;

  /**
   * @param maxIdleBytes the most that builders which nobody uses may be able to hold
   */
  BuilderPool(Codec codec, long maxIdleBytes) {
    this.codec = codec;
    this.maxIdleBytes = maxIdleBytes;
  }

  /**
   * An empty builder.
   *
   * @param contentBytes the most that its batch may come to before compression
   */
  BatchBuilder take(int contentBytes) {
    synchronized (idle) {
      ArrayDeque<BatchBuilder> sameSize = idle.get(contentBytes);
      BatchBuilder last = sameSize == null ? null : sameSize.pollLast();
      if (last != null) {
        idleBytes -= contentBytes;
        return last;
      }
    }
    return new BatchBuilder(codec, contentBytes);
  }

  /** Takes a builder of {@link #take} back. */
  void recycle(BatchBuilder builder) {
    builder.reset();
    int contentBytes = builder.maxBatchBytes();
    synchronized (idle) {
      if (idleBytes + contentBytes > maxIdleBytes) {
        forgetOtherSizes(contentBytes);
      }
      if (idleBytes + contentBytes <= maxIdleBytes) {
        idle.computeIfAbsent(contentBytes, size -> new ArrayDeque<>()).addLast(builder);
        idleBytes += contentBytes;
      }
    }
  }

  private void forgetOtherSizes(int contentBytes) {
    ArrayDeque<BatchBuilder> kept = idle.get(contentBytes);
    idle.clear();
    idleBytes = 0;
    if (kept != null) {
      idle.put(contentBytes, kept);
      idleBytes = (long) contentBytes * kept.size();
    }
  }
}
