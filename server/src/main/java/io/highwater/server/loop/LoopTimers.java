package io.highwater.server.loop;

import io.highwater.replication.Cancellable;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.agrona.DeadlineTimerWheel;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.NanoClock;

/**
 * The delays of one event loop in a timer wheel: scheduling and cancelling cost the same however
 * many wait, which matters because every append and every long poll brings a timeout. The wheel
 * turns when the nearest of them is due, so that a loop with nothing to do sleeps. On the loop's
 * thread only.
 */
final class LoopTimers {
  /** About four milliseconds between two turns; a power of two as the wheel wants it. */
  private static final long TICK_NS = 1L << 22;

  private static final int TICKS_PER_WHEEL = 1024;

  private final EventLoop loop;
  private final NanoClock clock;
  private final DeadlineTimerWheel wheel;
  private final Long2ObjectHashMap<Timer> waiting = new Long2ObjectHashMap<>();
  private final ArrayDeque<Timer> due = new ArrayDeque<>();
  private final Runnable turn = this::turn;
  private Future<?> nextTurn;
  private long nextTurnNs;

  LoopTimers(EventLoop loop, NanoClock clock) {
    this.loop = loop;
    this.clock = clock;
    this.wheel =
        new DeadlineTimerWheel(TimeUnit.NANOSECONDS, clock.nanoTime(), TICK_NS, TICKS_PER_WHEEL);
  }

  Cancellable schedule(long delayMs, Runnable task) {
    long nowNs = clock.nanoTime();
    if (wheel.timerCount() == 0) {
      wheel.currentTickTime(nowNs);
    }
    Timer timer = new Timer(task, nowNs + TimeUnit.MILLISECONDS.toNanos(delayMs));
    timer.id = wheel.scheduleTimer(timer.deadlineNs);
    waiting.put(timer.id, timer);
    turnBy(timer.deadlineNs, nowNs);
    return timer;
  }

  private void turnBy(long deadlineNs, long nowNs) {
    if (nextTurn != null) {
      if (nextTurnNs - deadlineNs <= 0) {
        return;
      }
      nextTurn.cancel(false);
    }
    nextTurnNs = deadlineNs;
    nextTurn = loop.schedule(turn, Math.max(TICK_NS, deadlineNs - nowNs), TimeUnit.NANOSECONDS);
  }

  private void turn() {
    nextTurn = null;
    long nowNs = clock.nanoTime();
    do {
      wheel.poll(nowNs, this::expire, Integer.MAX_VALUE);
    } while (wheel.timerCount() > 0 && wheel.currentTickTime() <= nowNs);
    if (wheel.timerCount() > 0) {
      turnBy(nearestNs(nowNs), nowNs);
    }
    // Each as a task of its own: it may schedule and cancel, which the wheel forbids while it
    // polls, and its failure must not hold up the others.
    for (Timer timer = due.poll(); timer != null; timer = due.poll()) {
      loop.execute(timer);
    }
  }

  /** When the first of those that wait is due; the first found that is due by the next turn. */
  private long nearestNs(long nowNs) {
    long waitNs = Long.MAX_VALUE;
    for (Timer timer : waiting.values()) {
      waitNs = Math.min(waitNs, timer.deadlineNs - nowNs);
      if (waitNs <= TICK_NS) {
        break;
      }
    }
    return nowNs + waitNs;
  }

  private boolean expire(TimeUnit unit, long nowNs, long timerId) {
    due.add(waiting.remove(timerId));
    return true;
  }

  /** One delay; its task is null once it ran or was cancelled. */
  private final class Timer implements Cancellable, Runnable {
    private final long deadlineNs;
    private Runnable task;
    private long id;

    Timer(Runnable task, long deadlineNs) {
      this.task = task;
      this.deadlineNs = deadlineNs;
    }

    @Override
    public void run() {
      Runnable toRun = task;
      task = null;
      if (toRun != null) {
        toRun.run();
      }
    }

    @Override
    public void cancel() {
      task = null;
      // The wheel reuses ids: only while it waits is the id this timer's.
      if (waiting.get(id) == this) {
        waiting.remove(id);
        wheel.cancelTimer(id);
      }
    }
  }
}
