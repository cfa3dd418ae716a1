package io.highwater.replication;

import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What has to wait for the disk, away from the owner loop: opening and removing logs, cutting them,
 * recording that an epoch begins. The steps of one partition run one after the other, in the order
 * in which they were asked for, those of different ones side by side; their outcomes come back to
 * the loop. While a partition is not {@link #isIdle}, its log belongs to its step: nobody else
 * appends, cuts or closes it.
 *
 * <pre>
 *   run([a], open)     a: open |                 outcome -> loop
 *   run([a, b], drop)          a, b: drop |      outcome -> loop
 *   run([b], open)                         b: open | ...
 * </pre>
 *
 * <p>Partitions go by name, because a topic that is deleted and its successor share a directory's
 * name. On the owner loop.
 */
public final class DiskSteps implements AutoCloseable {
  /**
   * Beside each other: a file system makes what comes together durable in one go. Fewer than the
   * threads, so that flushes of what was appended find some.
   */
  static final int MAX_PARALLEL = 48;

  /**
   * Of {@link Rank#BEHIND}: so that a topic of a thousand partitions does not take the processors
   * from those that are served.
   */
  static final int MAX_BEHIND = 3;

  /** After so long the loop reads its sockets, however many outcomes are there. */
  private static final long TURN_MS = 3;

  private static final long TURN_PAUSE_MS = 1;

  /** For whom a step is. */
  public enum Rank {
    /** Somebody may wait for the partition. */
    SERVED,
    /** The partition is new or goes, and nothing of it is served: a few at once only. */
    BEHIND
  }

  private final OwnerLoop loop;
  private final Executor io;
  private final LongSupplier nowMs;
  private final Map<TopicPartition, ArrayDeque<Step<?>>> queues = new HashMap<>();
  private final ArrayDeque<Step<?>> ready = new ArrayDeque<>();
  private final ArrayDeque<Step<?>> readyBehind = new ArrayDeque<>();
  private final ConcurrentLinkedQueue<Step<?>> ended = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean settling = new AtomicBoolean();
  private final CompletableFuture<Void> quiet = new CompletableFuture<>();
  private int underWay;
  private int behindUnderWay;
  private boolean closed;

  /**
   * @param io runs steps, several at once
   * @param nowMs monotonic time
   */
  public DiskSteps(OwnerLoop loop, Executor io, LongSupplier nowMs) {
    this.loop = loop;
    this.io = io;
    this.nowMs = nowMs;
  }

  /** Whether nothing of the partition is under way or waits for its turn. */
  public boolean isIdle(TopicPartition partition) {
    return !queues.containsKey(partition);
  }

  /**
   * Runs a step of one partition.
   *
   * @param work on another thread
   * @param whenDone hears, on the loop, the result or why there is none; not after {@link #close}
   */
  public <T> void run(
      TopicPartition partition, Supplier<T> work, BiConsumer<T, HighwaterException> whenDone) {
    run(List.of(partition), Rank.SERVED, work, whenDone);
  }

  /**
   * As the other, for a step of several partitions, which begins when it is its turn in all.
   *
   * @param rank whose wait it is
   */
  public <T> void run(
      Collection<TopicPartition> partitions,
      Rank rank,
      Supplier<T> work,
      BiConsumer<T, HighwaterException> whenDone) {
    add(new Step<>(List.copyOf(partitions), rank, work, whenDone));
  }

  private void add(Step<?> step) {
    if (closed) {
      return;
    }
    for (TopicPartition partition : step.partitions) {
      ArrayDeque<Step<?>> queue = queues.computeIfAbsent(partition, unused -> new ArrayDeque<>(2));
      if (!queue.isEmpty()) {
        step.waitsFor++;
      }
      queue.addLast(step);
    }
    if (step.waitsFor == 0) {
      enqueue(step);
      startReady();
    }
  }

  private void enqueue(Step<?> step) {
    (step.rank == Rank.BEHIND ? readyBehind : ready).addLast(step);
  }

  /** No further step begins, and nobody hears of those that run. */
  @Override
  public void close() {
    closed = true;
    ready.clear();
    readyBehind.clear();
    if (underWay == 0) {
      quiet.complete(null);
    }
  }

  /** Completes on the loop when, after {@link #close}, no step runs any more. */
  public CompletableFuture<Void> quiet() {
    return quiet;
  }

  private void startReady() {
    while (!closed && underWay < MAX_PARALLEL && !ready.isEmpty()) {
      start(ready.pollFirst());
    }
    while (!closed
        && underWay < MAX_PARALLEL
        && behindUnderWay < MAX_BEHIND
        && !readyBehind.isEmpty()) {
      behindUnderWay++;
      start(readyBehind.pollFirst());
    }
  }

  private void start(Step<?> step) {
    underWay++;
    io.execute(
        () -> {
          step.run();
          ended.add(step);
          if (settling.compareAndSet(false, true)) {
            loop.execute(this::settle);
          }
        });
  }

  private void settle() {
    settling.set(false);
    long turnEndMs = nowMs.getAsLong() + TURN_MS;
    try {
      for (Step<?> step = ended.poll(); step != null; step = ended.poll()) {
        end(step);
        if (nowMs.getAsLong() >= turnEndMs) {
          return;
        }
      }
    } finally {
      if (!ended.isEmpty() && settling.compareAndSet(false, true)) {
        loop.schedule(TURN_PAUSE_MS, this::settle);
      }
    }
  }

  private void end(Step<?> step) {
    underWay--;
    if (step.rank == Rank.BEHIND) {
      behindUnderWay--;
    }
    if (closed) {
      if (underWay == 0) {
        quiet.complete(null);
      }
      return;
    }
    List<Step<?>> next = new ArrayList<>(1);
    for (TopicPartition partition : step.partitions) {
      ArrayDeque<Step<?>> queue = queues.get(partition);
      queue.pollFirst();
      if (queue.isEmpty()) {
        queues.remove(partition);
      } else if (--queue.peekFirst().waitsFor == 0) {
        next.add(queue.peekFirst());
      }
    }
    try {
      step.tell(); // First: until it has heard, the log is nobody else's.
    } finally {
      next.forEach(this::enqueue);
      startReady();
    }
  }

  /** One step; its outcome crosses from the other thread to the loop. */
  private static final class Step<T> {
    private final List<TopicPartition> partitions;
    private final Rank rank;
    private final Supplier<T> work;
    private final BiConsumer<T, HighwaterException> whenDone;
    private int waitsFor;
    private T result;
    private HighwaterException failure;
    private Throwable fault;

    Step(
        List<TopicPartition> partitions,
        Rank rank,
        Supplier<T> work,
        BiConsumer<T, HighwaterException> whenDone) {
      this.partitions = partitions;
      this.rank = rank;
      this.work = work;
      this.whenDone = whenDone;
    }

    void run() {
      try {
        result = work.get();
      } catch (HighwaterException e) {
        failure = e;
      } catch (RuntimeException | Error e) {
        fault = e;
      }
    }

    /** A fault of the program is the loop's as if it had happened there. */
    void tell() {
      if (fault instanceof Error error) {
        throw error;
      }
      if (fault instanceof RuntimeException exception) {
        throw exception;
      }
      whenDone.accept(result, failure);
    }
  }
}
