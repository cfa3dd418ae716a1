package io.highwater.replication.control.session;

import io.highwater.replication.Cancellable;
import io.highwater.replication.OwnerLoop;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;

/** A loop in virtual time: nothing happens but in {@link #run}. */
final class VirtualLoop implements OwnerLoop, NanoClock {
  private final PriorityQueue<Task> tasks = new PriorityQueue<>();
  private long nowNanos = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(1);
  private final long startNanos = nowNanos;
  private long sequence;

  @Override
  public void execute(Runnable task) {
    schedule(0, task);
  }

  @Override
  public Cancellable schedule(long delayMs, Runnable task) {
    long at = nowNanos - startNanos + TimeUnit.MILLISECONDS.toNanos(delayMs);
    Task scheduled = new Task(at, sequence++, task);
    tasks.add(scheduled);
    return () -> tasks.remove(scheduled);
  }

  @Override
  public boolean inLoop() {
    return true;
  }

  @Override
  public long nanoTime() {
    return nowNanos;
  }

  /** Lets this much time pass. */
  void run(long ms) {
    long until = nowNanos - startNanos + TimeUnit.MILLISECONDS.toNanos(ms);
    while (!tasks.isEmpty() && tasks.peek().atNanos <= until) {
      Task next = tasks.poll();
      nowNanos = startNanos + Math.max(next.atNanos, nowNanos - startNanos);
      next.task.run();
    }
    nowNanos = startNanos + until;
  }

  /** The process sleeps: time passes, and what was due meanwhile comes late. */
  void sleep(long ms) {
    nowNanos += TimeUnit.MILLISECONDS.toNanos(ms);
  }

  private record Task(long atNanos, long sequence, Runnable task) implements Comparable<Task> {
    @Override
    public int compareTo(Task other) {
      return atNanos != other.atNanos
          ? Long.compare(atNanos, other.atNanos)
          : Long.compare(sequence, other.sequence);
    }
  }
}
