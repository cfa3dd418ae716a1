package io.highwater.server;

import io.highwater.log.LogDirectories;
import io.highwater.log.verify.DirectoryScrub;
import io.highwater.replication.OwnerLoop;
import io.highwater.server.config.ScrubConfig;
import java.util.concurrent.Executor;

/**
 * Keeps the search for damage going beside the broker's work: a small step on the I/O pool, then a
 * pause, so that it takes no more of the disk than it may.
 */
final class Scrubber implements AutoCloseable {
  private static final long STEP_MS = 250;
  private static final long STEPS_PER_SECOND = 1000 / STEP_MS;

  private final ScrubConfig config;
  private final DirectoryScrub scrub;
  private final OwnerLoop loop;
  private final Executor io;
  private volatile boolean closed;

  Scrubber(ScrubConfig config, LogDirectories directories, OwnerLoop loop, Executor io) {
    this.config = config;
    this.scrub = new DirectoryScrub(directories::logs);
    this.loop = loop;
    this.io = io;
  }

  void start() {
    if (config.maxBytesPerSecond() > 0) {
      later(STEP_MS);
    }
  }

  private void later(long delayMs) {
    loop.schedule(
        delayMs,
        () -> {
          if (!closed) {
            io.execute(this::step);
          }
        });
  }

  private void step() {
    long bytes = Math.max(1, config.maxBytesPerSecond() / STEPS_PER_SECOND);
    boolean goesOn = !closed && scrub.step(bytes);
    if (!closed) {
      later(goesOn ? STEP_MS : config.intervalMs());
    }
  }

  /** A step that runs now is the last. */
  @Override
  public void close() {
    closed = true;
  }
}
