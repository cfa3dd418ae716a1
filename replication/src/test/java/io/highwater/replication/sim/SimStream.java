package io.highwater.replication.sim;

/**
 * A connection between two processes. What one end sends comes to the other in order; when the
 * stream breaks, what is under way in a direction from some point on is lost.
 */
public final class SimStream {
  /** The longest until an end finds out that its connection is broken. */
  private static final double BROKEN_MS = 400;

  /** The same where packets vanish without a word. */
  private static final double UNREACHABLE_MS = 3_000;

  /** One end: a process, and what it does when the other end is gone. */
  public static final class End {
    private final int node;
    private final SimLoop loop;
    private final Runnable onClosed;
    private long lastArrivalNanos;

    /** Of a broken stream, what arrives up to here is still read. */
    private long readableUntilNanos;

    private boolean closed;

    /**
     * @param onClosed runs on the loop when the stream is over, unless this end closed it
     */
    public End(int node, SimLoop loop, Runnable onClosed) {
      this.node = node;
      this.loop = loop;
      this.onClosed = onClosed;
    }
  }

  private final SimNetwork network;
  private final End first;
  private final End second;
  private boolean broken;

  SimStream(SimNetwork network, End first, End second) {
    this.network = network;
    this.first = first;
    this.second = second;
  }

  boolean isOver() {
    return first.closed && second.closed;
  }

  boolean connects(int one, int other) {
    return (first.node == one && second.node == other)
        || (first.node == other && second.node == one);
  }

  private End other(End end) {
    return end == first ? second : first;
  }

  /** The end that connected. */
  public End first() {
    return first;
  }

  /** The end that it connected to. */
  public End second() {
    return second;
  }

  /** Whether this end may still send. */
  boolean isOpen(End end) {
    return !end.closed;
  }

  /** Sends something that happens at the other end. */
  public void send(End from, String label, Runnable deliver) {
    if (!from.closed) {
      arrive(from, label, deliver);
    }
  }

  /** Closes from one end; the other hears of it after all that was sent. */
  public void close(End from) {
    if (!from.closed) {
      from.closed = true;
      End to = other(from);
      arrive(from, "close", () -> closed(to));
    }
  }

  private void arrive(End from, String label, Runnable deliver) {
    End to = other(from);
    SimScheduler scheduler = network.scheduler();
    long at = Math.max(to.lastArrivalNanos, scheduler.nowNanos() + network.delayNanos());
    to.lastArrivalNanos = at;
    scheduler.at(
        at,
        label,
        () -> {
          if (to.closed || (broken && scheduler.nowNanos() > to.readableUntilNanos)) {
            return;
          }
          if (!network.reaches(from.node, to.node) || !to.loop.isAlive()) {
            breakUp(to.loop.isAlive() ? UNREACHABLE_MS : BROKEN_MS);
            to.readableUntilNanos = 0;
          } else {
            to.loop.run(
                () -> {
                  if (!to.closed) {
                    deliver.run();
                  }
                });
          }
        });
  }

  private static void closed(End end) {
    if (!end.closed) {
      end.closed = true;
      end.onClosed.run();
    }
  }

  /**
   * The connection is lost: each end finds out in its own time. What was under way is read up to
   * some point, perhaps after its sender has found out and opened another stream.
   */
  void breakUp() {
    breakUp(BROKEN_MS);
  }

  private void breakUp(double mostMs) {
    if (!broken) {
      broken = true;
      readsOn(first);
      readsOn(second);
      loseSoon(first, 20, mostMs);
      loseSoon(second, 20, mostMs);
    }
  }

  private void readsOn(End end) {
    SimScheduler scheduler = network.scheduler();
    end.readableUntilNanos = scheduler.nowNanos() + scheduler.delayNanos(-20, 40);
  }

  /** The process at one end died: the other is told, unless nothing reaches it. */
  void peerDied(int node) {
    for (End end : new End[] {first, second}) {
      if (end.node == node && !end.loop.isAlive()) {
        end.closed = true;
        if (!broken) {
          broken = true;
          readsOn(other(end));
        }
        boolean told = network.reaches(node, other(end).node);
        loseSoon(other(end), told ? 0.1 : 100, told ? 5 : 800);
      }
    }
  }

  private void loseSoon(End end, double leastMs, double mostMs) {
    SimScheduler scheduler = network.scheduler();
    scheduler.after(
        scheduler.delayNanos(leastMs, mostMs), "lose", () -> end.loop.run(() -> closed(end)));
  }
}
