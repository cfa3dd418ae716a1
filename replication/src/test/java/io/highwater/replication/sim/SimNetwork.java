package io.highwater.replication.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Who reaches whom, and how long it takes. Streams deliver in order and lose only a suffix, when
 * they break; single messages may come late, twice or in another order.
 */
public final class SimNetwork {
  private final SimScheduler scheduler;
  private final Set<Long> blocked = new TreeSet<>();
  private final Set<Long> deaf = new TreeSet<>();
  private final List<SimStream> streams = new ArrayList<>();
  private double leastMs = 0.1;
  private double mostMs = 2;
  private double mischief;

  SimNetwork(SimScheduler scheduler) {
    this.scheduler = scheduler;
  }

  SimScheduler scheduler() {
    return scheduler;
  }

  /** Sets the range of delays, and how likely single messages are lost, repeated or late. */
  void quality(double leastDelayMs, double mostDelayMs, double mischiefProbability) {
    leastMs = leastDelayMs;
    mostMs = mostDelayMs;
    mischief = mischiefProbability;
  }

  private static long pair(int from, int to) {
    return (long) from << 32 | to;
  }

  /** Nothing gets from one node to another any more. */
  void block(int from, int to) {
    blocked.add(pair(from, to));
  }

  /**
   * Nothing gets from one broker to another any more but what belongs to the quorum, which has
   * ports of its own.
   */
  void deafen(int from, int to) {
    deaf.add(pair(from, to));
  }

  /** Everybody reaches everybody. */
  void healAll() {
    deaf.clear();
    blocked.clear();
  }

  boolean reaches(int from, int to) {
    return quorumReaches(from, to) && !deaf.contains(pair(from, to));
  }

  boolean quorumReaches(int from, int to) {
    return !blocked.contains(pair(from, to));
  }

  long delayNanos() {
    return scheduler.delayNanos(leastMs, mostMs);
  }

  /** Sends a single message: at its own pace, perhaps never, perhaps twice. */
  public void send(int from, int to, String label, Runnable deliver) {
    int copies = scheduler.chance(mischief) ? scheduler.random().nextInt(3) : 1;
    for (int i = 0; i < copies; i++) {
      long late = scheduler.chance(mischief) ? scheduler.delayNanos(0, 300) : 0;
      scheduler.after(
          delayNanos() + late,
          label,
          () -> {
            if (reaches(from, to)) {
              deliver.run();
            }
          });
    }
  }

  /** A connection between two ends. */
  public SimStream stream(SimStream.End first, SimStream.End second) {
    SimStream stream = new SimStream(this, first, second);
    streams.removeIf(SimStream::isOver);
    streams.add(stream);
    return stream;
  }

  /** A process died: its peers see its streams end. */
  void died(int node) {
    for (SimStream stream : List.copyOf(streams)) {
      stream.peerDied(node);
    }
  }

  /** Breaks every stream between two nodes. */
  void breakStreams(int one, int other) {
    for (SimStream stream : List.copyOf(streams)) {
      if (stream.connects(one, other)) {
        stream.breakUp();
      }
    }
  }
}
