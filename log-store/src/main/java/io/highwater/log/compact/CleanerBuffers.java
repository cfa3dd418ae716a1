package io.highwater.log.compact;

import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/**
 * What a cleaner works with, one log after the other: the key map, a buffer for what it writes, the
 * throttle. One run at a time.
 */
public final class CleanerBuffers {
  private final OffsetMap keys;
  private final ByteBuffer writes;
  private final IoThrottle throttle;
  private volatile boolean stopped;

  /**
   * Buffers for one cleaner.
   *
   * @param keyMapBytes bound of the key map ({@code log.cleaner.dedupe.buffer.size})
   * @param loadFactor how full the map may get ({@code log.cleaner.io.buffer.load.factor})
   * @param writeBytes gathered for one write ({@code log.cleaner.io.buffer.size})
   * @param random draws the secret of the key hashes
   */
  public CleanerBuffers(
      long keyMapBytes,
      double loadFactor,
      int writeBytes,
      RandomGenerator random,
      IoThrottle throttle) {
    this.keys = new OffsetMap(keyMapBytes, loadFactor, random.nextLong(), random.nextLong());
    this.writes = ByteBuffer.allocate(writeBytes);
    this.throttle = throttle;
  }

  /** Ends the present run early, and all later ones. Any thread. */
  void stop() {
    stopped = true;
  }

  boolean isStopped() {
    return stopped;
  }

  OffsetMap keys() {
    return keys;
  }

  ByteBuffer writes() {
    return writes;
  }

  IoThrottle throttle() {
    return throttle;
  }
}
