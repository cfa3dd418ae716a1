package io.highwater.replication.sim;

import io.highwater.replication.Cancellable;
import io.highwater.replication.OwnerLoop;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * The one thread of one process: it can stall, as in a long pause, and it dies with the process.
 */
public final class SimLoop implements OwnerLoop {
  private final SimScheduler scheduler;
  private final SimClock clock;
  private final ArrayDeque<Runnable> stalled = new ArrayDeque<>();
  private boolean alive = true;
  private boolean stalling;
  private boolean frozen;
  private boolean running;

  /** A thread with a clock. */
  public SimLoop(SimScheduler scheduler, SimClock clock) {
    this.scheduler = scheduler;
    this.clock = clock;
  }

  /** Whether it runs, or could if it were not stalled. */
  public boolean isAlive() {
    return alive;
  }

  /** Whether its process lives and does nothing. */
  boolean isStalled() {
    return stalling && !frozen;
  }

  /** Another thread of the same process, which goes on while this one alone is frozen. */
  OwnerLoop beside() {
    return new Beside();
  }

  /** Nothing runs here any more. */
  public void die() {
    alive = false;
    stalled.clear();
  }

  /** Nothing runs for a while; then all that came up meanwhile does. */
  void stall(long durationMs) {
    if (!stalling) {
      stalling = true;
      scheduler.after(TimeUnit.MILLISECONDS.toNanos(durationMs), "resume", this::resume);
    }
  }

  /** The same of this thread alone, as when a write does not return: the process goes on. */
  void freeze(long durationMs) {
    frozen = !stalling;
    stall(durationMs);
  }

  private void resume() {
    stalling = false;
    frozen = false;
    for (Runnable task : stalled) {
      scheduler.after(0, "resumed", task);
    }
    stalled.clear();
  }

  @Override
  public void execute(Runnable task) {
    scheduler.after(0, "execute", () -> run(task));
  }

  /** Does something off this thread, which takes a while, as a disk does. */
  public void io(Runnable task) {
    scheduler.after(scheduler.delayNanos(0.05, 5), "io", () -> runOff(task));
  }

  private void runOff(Runnable task) {
    if (stalling) {
      stalled.addLast(() -> runOff(task));
    } else if (alive) {
      task.run();
    }
  }

  @Override
  public Cancellable schedule(long delayMs, Runnable task) {
    return scheduler.after(
        clock.trueNanos(TimeUnit.MILLISECONDS.toNanos(delayMs)), "timer", () -> run(task));
  }

  @Override
  public boolean inLoop() {
    return running;
  }

  /** Runs a task on this thread now, or as soon as the process goes on. */
  public void run(Runnable task) {
    if (!alive) {
      return;
    }
    if (stalling) {
      stalled.addLast(() -> run(task));
      return;
    }
    running = true;
    try {
      task.run();
    } finally {
      running = false;
    }
  }

  private final class Beside implements OwnerLoop {
    @Override
    public void execute(Runnable task) {
      scheduler.after(0, "execute-beside", () -> runBeside(task));
    }

    @Override
    public Cancellable schedule(long delayMs, Runnable task) {
      return scheduler.after(
          clock.trueNanos(TimeUnit.MILLISECONDS.toNanos(delayMs)),
          "timer-beside",
          () -> runBeside(task));
    }

    private void runBeside(Runnable task) {
      if (isStalled()) {
        stalled.addLast(() -> runBeside(task));
      } else if (alive) {
        task.run();
      }
    }

    @Override
    public boolean inLoop() {
      return false;
    }
  }
}
