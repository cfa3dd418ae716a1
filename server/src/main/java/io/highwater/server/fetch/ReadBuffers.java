package io.highwater.server.fetch;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Buffers that batches are read into on their way to clients. They come back once the transport has
 * drained them, so a few go round. On the owner loop.
 */
public final class ReadBuffers {
  private static final int MAX_FREE = 64;
  private static final int SMALL = 2;

  private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();
  private final int bufferBytes;

  /** A pool of buffers of this size. */
  public ReadBuffers(int bufferBytes) {
    this.bufferBytes = bufferBytes;
  }

  /** Bytes of a pooled buffer. */
  public int bufferBytes() {
    return bufferBytes;
  }

  /** An empty buffer backed by an array, of at least {@code bytes}. */
  public ByteBuffer take(int bytes) {
    // Small ones too are made to measure, so that many small reads do not hold many large buffers.
    if (bytes > bufferBytes || bytes <= bufferBytes / SMALL) {
      return ByteBuffer.allocate(bytes);
    }
    ByteBuffer buffer = free.pollLast();
    return buffer == null ? ByteBuffer.allocate(bufferBytes) : buffer.clear();
  }

  /** Takes a buffer back; nobody may look at it any more. */
  public void release(ByteBuffer buffer) {
    if (buffer.capacity() == bufferBytes && free.size() < MAX_FREE) {
      free.addLast(buffer);
    }
  }
}
