package io.highwater.server;

import io.highwater.log.LogDirectory;
import io.highwater.log.PartitionLog;
import io.highwater.log.compact.CleanerBuffers;
import io.highwater.log.compact.IoThrottle;
import io.highwater.log.compact.LiveBatches;
import io.highwater.log.compact.LogCleaner;
import io.highwater.log.compact.LogCompaction;
import io.highwater.replication.OwnerLoop;
import io.highwater.server.config.CleanerConfig;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.NanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps compaction going on a thread of its own: the dirtiest log, then the next, and a pause when
 * none is due. What producers may refer to is asked of the owner loop before each run.
 */
final class Cleaner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Cleaner.class);
  private static final long CLOSE_WAIT_MS = 5_000;

  private final CleanerConfig config;
  private final LogCleaner cleaner;
  private final OwnerLoop loop;
  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("highwater-cleaner", true));

  Cleaner(CleanerConfig config, LogDirectory directory, OwnerLoop loop, NanoClock clock) {
    this.config = config;
    this.loop = loop;
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    IoThrottle throttle = new IoThrottle(config.maxBytesPerSecond(), clock, LockSupport::parkNanos);
    this.cleaner =
        new LogCleaner(
            () -> directory.logs().stream().map(PartitionLog::compaction),
            new CleanerBuffers(
                config.dedupeBufferBytes(),
                config.loadFactor(),
                config.ioBufferBytes(),
                new SecureRandom(),
                throttle));
  }

  void start() {
    if (config.enabled()) {
      later();
    }
  }

  private void later() {
    // A round reports its own failures.
    Future<?> unused = thread.schedule(this::round, config.backoffMs(), TimeUnit.MILLISECONDS);
  }

  private void round() {
    try {
      Optional<LogCompaction> next = cleaner.next();
      if (next.isEmpty()) {
        later();
      } else {
        loop.execute(() -> hand(next.get()));
      }
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  /** On the loop, which owns the producers' state. */
  private void hand(LogCompaction log) {
    LiveBatches live = log.liveBatches();
    try {
      thread.execute(
          () -> {
            try {
              if (cleaner.clean(log, live)) {
                round();
              } else {
                later();
              }
            } catch (RuntimeException e) {
              failed(e);
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("closed before {} was cleaned", log.partition());
    }
  }

  /** No fault that is known ends here; the other logs are tried again all the same. */
  private void failed(RuntimeException e) {
    if (!thread.isShutdown()) {
      LOG.error("cleaning failed", e);
      later();
    }
  }

  /** The run under way ends early; waits for it, bounded. */
  @Override
  public void close() {
    cleaner.stop();
    thread.shutdown(); // An interrupt would close a file under a write.
    try {
      thread.awaitTermination(CLOSE_WAIT_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
