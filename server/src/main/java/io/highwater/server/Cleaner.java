package io.highwater.server;

import io.highwater.log.LogDirectories;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.NanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps compaction going on threads of its own: the dirtiest log that no other thread has, then the
 * next, and a pause when none is due. What producers may refer to is asked of the owner loop before
 * each run.
 */
final class Cleaner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Cleaner.class);
  private static final long CLOSE_WAIT_MS = 5_000;

  private final CleanerConfig config;
  private final OwnerLoop loop;
  private final List<LogCleaner> cleaners = new ArrayList<>();
  private final Set<LogCompaction> taken = ConcurrentHashMap.newKeySet();
  private final ScheduledThreadPoolExecutor threads;

  Cleaner(CleanerConfig config, LogDirectories directories, OwnerLoop loop, NanoClock clock) {
    this.config = config;
    this.loop = loop;
    SecureRandom random = new SecureRandom();
    for (int i = 0; i < config.threads(); i++) {
      this.cleaners.add(
          new LogCleaner(
              () ->
                  directories.logs().stream()
                      .map(PartitionLog::compaction)
                      .filter(log -> !taken.contains(log)),
              buffers(config.share(), random, clock)));
    }
    this.threads =
        new ScheduledThreadPoolExecutor(
            config.threads(), new DefaultThreadFactory("highwater-cleaner", true));
    threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  private static CleanerBuffers buffers(CleanerConfig share, SecureRandom random, NanoClock clock) {
    return new CleanerBuffers(
        share.dedupeBufferBytes(),
        share.loadFactor(),
        share.ioBufferBytes(),
        random,
        new IoThrottle(share.maxBytesPerSecond(), clock, LockSupport::parkNanos));
  }

  void start() {
    if (config.enabled()) {
      cleaners.forEach(this::later);
    }
  }

  private void later(LogCleaner cleaner) {
    // A round reports its own failures.
    Future<?> unused =
        threads.schedule(() -> round(cleaner), config.backoffMs(), TimeUnit.MILLISECONDS);
  }

  private void round(LogCleaner cleaner) {
    try {
      Optional<LogCompaction> next = take(cleaner);
      if (next.isEmpty()) {
        later(cleaner);
      } else {
        loop.execute(() -> hand(next.get(), cleaner));
      }
    } catch (RuntimeException e) {
      failed(cleaner, e);
    }
  }

  private synchronized Optional<LogCompaction> take(LogCleaner cleaner) {
    Optional<LogCompaction> next = cleaner.next();
    next.ifPresent(taken::add);
    return next;
  }

  /** On the loop, which owns the producers' state. */
  private void hand(LogCompaction log, LogCleaner cleaner) {
    LiveBatches live = log.liveBatches();
    try {
      threads.execute(() -> clean(log, live, cleaner));
    } catch (RejectedExecutionException e) {
      LOG.debug("closed before {} was cleaned", log.partition());
    }
  }

  private void clean(LogCompaction log, LiveBatches live, LogCleaner cleaner) {
    try {
      boolean cleaned;
      try {
        cleaned = cleaner.clean(log, live);
      } finally {
        taken.remove(log);
      }
      if (cleaned) {
        round(cleaner);
      } else {
        later(cleaner);
      }
    } catch (RuntimeException e) {
      failed(cleaner, e);
    }
  }

  /** No fault that is known ends here; the other logs are tried again all the same. */
  private void failed(LogCleaner cleaner, RuntimeException e) {
    if (!threads.isShutdown()) {
      LOG.error("cleaning failed", e);
      later(cleaner);
    }
  }

  /** The runs under way end early; waits for them, bounded. */
  @Override
  public void close() {
    cleaners.forEach(LogCleaner::stop);
    threads.shutdown(); // An interrupt would close a file under a write.
    try {
      threads.awaitTermination(CLOSE_WAIT_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
