package io.highwater.replication.sim;

import io.highwater.replication.Cancellable;
import java.nio.charset.StandardCharsets;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Virtual time and everything that is still to happen. The order of events follows the seed. */
public final class SimScheduler {
  private static final class Event implements Comparable<Event>, Cancellable {
    private final long atNanos;
    private final long order;
    private final String label;
    private Runnable task;

    Event(long atNanos, long order, String label, Runnable task) {
      this.atNanos = atNanos;
      this.order = order;
      this.label = label;
      this.task = task;
    }

    @Override
    public int compareTo(Event other) {
      return atNanos != other.atNanos
          ? Long.compare(atNanos, other.atNanos)
          : Long.compare(order, other.order);
    }

    @Override
    public void cancel() {
      task = null;
    }
  }

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final Random random;
  private Runnable afterEach = () -> {};
  private long nowNanos = TimeUnit.HOURS.toNanos(1);
  private long scheduled;
  private long executed;
  private long traceHash = 17;
  private StringBuilder trace;

  SimScheduler(long seed) {
    random = new Random(seed);
  }

  /** From now on writes down every event, a line each. */
  public void recordTrace() {
    trace = new StringBuilder();
  }

  /** The lines written so far. */
  public byte[] recordedTrace() {
    return trace.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** The only source of chance. */
  public Random random() {
    return random;
  }

  long nowNanos() {
    return nowNanos;
  }

  /** Virtual time. */
  public long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(nowNanos);
  }

  /** Events executed so far. */
  long executed() {
    return executed;
  }

  /** Differs when anything happened otherwise, at another time or in another order. */
  long traceHash() {
    return traceHash;
  }

  /** Adds something to the trace. */
  void trace(long value) {
    traceHash = traceHash * 1_000_003 + value;
    if (trace != null) {
      trace.append("  ").append(value).append('\n');
    }
  }

  private void trace(Event event) {
    traceHash = (traceHash * 1_000_003 + nowNanos) * 1_000_003 + event.label.hashCode();
    if (trace != null) {
      trace.append(nowNanos).append(' ').append(event.label).append('\n');
    }
  }

  /** Runs after every event. */
  void afterEach(Runnable check) {
    afterEach = check;
  }

  /** Between {@code least} and {@code most} ms, in ns. */
  public long delayNanos(double leastMs, double mostMs) {
    return (long) ((leastMs + random.nextDouble() * (mostMs - leastMs)) * 1_000_000);
  }

  /** Whether something happens this time. */
  public boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  /** Has something happen some ns from now. */
  public Cancellable after(long delayNanos, String label, Runnable task) {
    return at(nowNanos + delayNanos, label, task);
  }

  Cancellable at(long atNanos, String label, Runnable task) {
    Event event = new Event(Math.max(atNanos, nowNanos), scheduled++, label, task);
    events.add(event);
    return event;
  }

  /** Runs everything that happens until some time from now. */
  void runFor(long durationMs) {
    long endNanos = nowNanos + TimeUnit.MILLISECONDS.toNanos(durationMs);
    while (!events.isEmpty() && events.peek().atNanos <= endNanos) {
      Event event = events.poll();
      nowNanos = event.atNanos;
      if (event.task != null) {
        executed++;
        trace(event);
        event.task.run();
        afterEach.run();
      }
    }
    nowNanos = endNanos;
  }
}
