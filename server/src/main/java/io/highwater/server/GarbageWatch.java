package io.highwater.server;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * Ends a process that only collects garbage any more: a heap that is nearly full may find a little
 * each time, so that no allocation ever fails, and nothing else gets done. On a thread of its own.
 */
final class GarbageWatch {
  static final int SAMPLE_MS = 1_000;
  static final int WINDOW_SECONDS = 30;

  /** Of the window that pauses take, and of the heap that is in use. */
  static final double LIMIT = 0.9;

  private static final long NS_PER_MS = 1_000_000;

  /** What is measured. */
  interface Heap {
    /** Milliseconds that collections have stopped all threads for since the start. */
    long pausedMs();

    /** Part of the largest heap that is in use. */
    double filled();
  }

  private record Sample(long timeMs, long pausedMs) {}

  private final NanoClock clock;
  private final Heap heap;
  private final Consumer<String> end;
  private final ArrayDeque<Sample> window = new ArrayDeque<>();

  /**
   * @param end ends the process, told why
   */
  GarbageWatch(NanoClock clock, Heap heap, Consumer<String> end) {
    this.clock = clock;
    this.heap = heap;
    this.end = end;
  }

  /** Watches this process. */
  static void start(Consumer<String> end) {
    GarbageWatch watch = new GarbageWatch(SystemNanoClock.INSTANCE, new ThisProcess(), end);
    Thread thread = new Thread(watch::run, "highwater-garbage-watch");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        sample();
        Thread.sleep(SAMPLE_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** To be called about once a second; when everything stands, later. */
  void sample() {
    long nowMs = clock.nanoTime() / NS_PER_MS;
    Sample now = new Sample(nowMs, heap.pausedMs());
    window.addLast(now);
    // The newest of those that are old enough.
    while (window.size() > 2 && isOld(second(), nowMs)) {
      window.pollFirst();
    }
    Sample first = window.peekFirst();
    double paused = (double) (now.pausedMs - first.pausedMs) / Math.max(1, nowMs - first.timeMs);
    if (isOld(first, nowMs) && paused > LIMIT && heap.filled() > LIMIT) {
      end.accept(
          Math.round(paused * 100)
              + " % of the last "
              + (nowMs - first.timeMs) / 1_000
              + " s went into collecting garbage, and the heap is full: give it more with -Xmx");
    }
  }

  private static boolean isOld(Sample sample, long nowMs) {
    return nowMs - sample.timeMs >= WINDOW_SECONDS * 1_000L;
  }

  private Sample second() {
    var samples = window.iterator();
    samples.next();
    return samples.next();
  }

  private static final class ThisProcess implements Heap {
    private final List<GarbageCollectorMXBean> collectors =
        ManagementFactory.getGarbageCollectorMXBeans().stream()
            .filter(ThisProcess::stopsThreads)
            .toList();

    /** By the names of HotSpot's collectors: the time of others is not that of pauses. */
    private static boolean stopsThreads(GarbageCollectorMXBean collector) {
      return !collector.getName().contains("Concurrent") && !collector.getName().contains("Cycles");
    }

    @Override
    public long pausedMs() {
      return collectors.stream().mapToLong(GarbageCollectorMXBean::getCollectionTime).sum();
    }

    @Override
    public double filled() {
      MemoryUsage usage = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
      return usage.getMax() < 0 ? 0 : (double) usage.getUsed() / usage.getMax();
    }
  }
}
