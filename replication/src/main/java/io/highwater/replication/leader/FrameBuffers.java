package io.highwater.replication.leader;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Buffers that batches are read into on their way to followers. Links give them back as soon as
 * they have drained them, so a few go round. On the owner loop.
 */
final class FrameBuffers {
  private static final int MAX_FREE = 16;

  private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();
  private final int frameBytes;

  FrameBuffers(int frameBytes) {
    this.frameBytes = frameBytes;
  }

  /** An empty buffer of a frame's size. */
  ByteBuffer take() {
    ByteBuffer buffer = free.pollLast();
    return buffer == null ? ByteBuffer.allocate(frameBytes) : buffer.clear();
  }

  /** An empty buffer for one batch that no frame can hold. */
  ByteBuffer takeOversized(int bytes) {
    return ByteBuffer.allocate(bytes);
  }

  void release(ByteBuffer buffer) {
    if (buffer.capacity() == frameBytes && free.size() < MAX_FREE) {
      free.addLast(buffer);
    }
  }
}
