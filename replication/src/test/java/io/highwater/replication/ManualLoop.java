package io.highwater.replication;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A loop whose turns and time a test moves by hand. */
public final class ManualLoop implements OwnerLoop {
  private record Timer(long atMs, Runnable task) {}

  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private final List<Timer> timers = new ArrayList<>();
  private long nowMs;

  /** Virtual time. */
  public long nowMs() {
    return nowMs;
  }

  /** Runs what was handed over, and what that hands over, until nothing is left. */
  public void turn() {
    while (!tasks.isEmpty()) {
      tasks.pollFirst().run();
    }
  }

  /** Lets time pass: due timers run in order, each followed by a turn. */
  public void pass(long ms) {
    nowMs += ms;
    turn();
    for (Timer due = due(); due != null; due = due()) {
      timers.remove(due);
      due.task().run();
      turn();
    }
  }

  private Timer due() {
    return timers.stream()
        .filter(timer -> timer.atMs() <= nowMs)
        .min(Comparator.comparingLong(Timer::atMs))
        .orElse(null);
  }

  @Override
  public void execute(Runnable task) {
    tasks.addLast(task);
  }

  @Override
  public Cancellable schedule(long delayMs, Runnable task) {
    Timer timer = new Timer(nowMs + delayMs, task);
    timers.add(timer);
    return () -> timers.remove(timer);
  }

  @Override
  public boolean inLoop() {
    return true;
  }
}
