package io.highwater.replication;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.leader.ComparedRange;
import io.highwater.replication.leader.LeaderStreams;
import java.util.ArrayDeque;
import java.util.Collection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares all that this broker leads with its followers, partition after partition, as slowly as
 * told, round after round (REP-10). What changes hands meanwhile its next leader compares. On the
 * owner loop.
 */
public final class ReplicaComparisons implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaComparisons.class);

  /**
   * How far it is.
   *
   * @param rounds that came to an end
   * @param partitionsLeft in this one
   * @param bytes compared since the broker started, counted once for all replicas
   * @param differences ranges that were found to differ
   */
  public record Progress(long rounds, int partitionsLeft, long bytes, long differences) {}

  private final OwnerLoop loop;
  private final Collection<Replica> replicas;
  private final LeaderStreams streams;
  private final long maxBytesPerSecond;
  private final long intervalMs;
  private final ArrayDeque<TopicIdPartition> left = new ArrayDeque<>();
  private long nextOffset;
  private long rounds;
  private long bytes;
  private long bytesAtRound;
  private long differences;
  private volatile boolean closed;

  /**
   * @param maxBytesPerSecond read of the leaders' logs, and of each follower's; 0: none
   * @param intervalMs pause after a round
   */
  public ReplicaComparisons(
      OwnerLoop loop, Replicas replicas, long maxBytesPerSecond, long intervalMs) {
    this.loop = loop;
    this.replicas = replicas.replicas();
    this.streams = replicas.leaderStreams();
    this.maxBytesPerSecond = maxBytesPerSecond;
    this.intervalMs = intervalMs;
  }

  /** Begins, on any thread. */
  public void start() {
    if (maxBytesPerSecond > 0) {
      loop.execute(this::begin);
    }
  }

  /** How far it is. */
  public Progress progress() {
    return new Progress(rounds, left.size(), bytes, differences);
  }

  private void begin() {
    if (closed) {
      return;
    }
    for (Replica replica : replicas) {
      if (replica.role() == Replica.Role.LEADER) {
        left.add(replica.partition());
      }
    }
    nextOffset = 0;
    later(1_000);
  }

  private void later(long delayMs) {
    loop.schedule(delayMs, this::compare);
  }

  private void compare() {
    if (closed) {
      return;
    }
    TopicIdPartition partition = left.peekFirst();
    if (partition == null) {
      endRound();
      return;
    }
    var unused =
        streams
            .compare(partition, nextOffset, false)
            .whenComplete((range, failure) -> compared(range, failure));
  }

  private void compared(ComparedRange range, Throwable failure) {
    if (failure != null) {
      LOG.debug("not compared: {}", failure.getMessage());
    } else {
      bytes += range.bytes();
      differences += range.differs() ? 1 : 0;
    }
    // One difference says enough of a partition.
    if (failure != null || range.isLast() || range.differs()) {
      left.pollFirst();
      nextOffset = 0;
    } else {
      nextOffset = range.endOffset();
    }
    later(range == null ? 1 : 1 + range.bytes() * 1_000 / maxBytesPerSecond);
  }

  private void endRound() {
    rounds++;
    if (bytes > bytesAtRound) {
      LOG.info("compared what is led here between replicas: {}", progress());
    }
    bytesAtRound = bytes;
    loop.schedule(intervalMs, this::begin);
  }

  /** What is under way comes to nothing. Any thread. */
  @Override
  public void close() {
    closed = true;
  }
}
