package io.highwater.replication.ratis;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.util.Daemon;

/**
 * Sees for how long entries of a member's log have waited for its disk. It looks on a thread of its
 * own, because a look waits behind whoever holds the log while the disk hangs. It ends with the
 * member, which Ratis closes by itself when it was removed.
 */
final class FlushWatch implements AutoCloseable {
  private static final long LOOK_MS = 100;

  private final RaftServer.Division member;
  private final NanoClock clock;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> Daemon.newBuilder().setName("quorum-flush-watch").setRunnable(task).build());
  private final Repeating looks =
      new Repeating(
          "the look at what waits for the metadata log's disk", LOOK_MS, this::look, thread);

  /** What waits, as one look found it. */
  private record Waiting(long lastIndex, long sinceNanos) {}

  private volatile Waiting waiting;
  private volatile long lookBeganNanos;
  private volatile boolean looking;

  FlushWatch(RaftServer.Division member, NanoClock clock) {
    this.member = member;
    this.clock = clock;
  }

  void start() {
    looks.start();
  }

  private void look() {
    lookBeganNanos = clock.nanoTime();
    looking = true;
    try {
      if (!isMemberClosed()) {
        lookAt(member.getRaftLog());
      }
    } catch (RuntimeException e) {
      if (!isMemberClosed()) {
        throw e;
      }
    } finally {
      looking = false;
    }
    if (isMemberClosed()) {
      waiting = null;
      close();
    }
  }

  private boolean isMemberClosed() {
    return member.getInfo().getLifeCycleState().isClosingOrClosed();
  }

  private void lookAt(RaftLog log) {
    long last = log.getNextIndex() - 1;
    long flushed = log.getFlushIndex();
    Waiting before = waiting;
    if (flushed >= last) {
      waiting = null;
    } else if (before == null || flushed >= before.lastIndex) {
      waiting = new Waiting(last, lookBeganNanos);
    }
  }

  /**
   * At least so long has the oldest entry waited that is not on the disk, or a look for one; 0 when
   * none waits. Any thread; waits for nothing.
   */
  long unflushedMs() {
    long now = clock.nanoTime();
    Waiting oldest = waiting;
    long entryNanos = oldest == null ? 0 : now - oldest.sinceNanos;
    long lookNanos = looking ? now - lookBeganNanos : 0;
    return TimeUnit.NANOSECONDS.toMillis(Math.max(entryNanos, lookNanos));
  }

  @Override
  public void close() {
    looks.close();
    thread.shutdownNow();
  }
}
