package io.highwater.replication;

import io.highwater.log.retain.LogRetention;
import io.highwater.proto.HighwaterException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all logs of a broker need now and then: checkpoints, retention, the end of files that left
 * their log; others add theirs by {@link #every}. On the owner loop, a slice of the replicas at a
 * turn; what waits for the disk goes to the I/O pool.
 */
public final class LogMaintenance implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogMaintenance.class);

  /** Thousands of partitions must not keep the loop from its clients. */
  private static final int REPLICAS_PER_TURN = 256;

  private static final long DELETE_CHECK_MS = 1_000;
  private static final long SPACE_CHECK_MS = 1_000;

  /** The first round comes soon, however long the others' interval: files of before wait. */
  private static final long FIRST_ROUND_MS = 30_000;

  private final OwnerLoop loop;
  private final Executor io;
  private final PartitionLogs logs;
  private final Collection<Replica> replicas;
  private final List<Round> rounds = new ArrayList<>();
  private final List<LogRetention> dropping = new ArrayList<>();
  private boolean started;

  /**
   * @param replicas all of this broker, as they come and go
   * @param io runs tasks that wait for the disk
   */
  LogMaintenance(
      ReplicasConfig config,
      PartitionLogs logs,
      Collection<Replica> replicas,
      OwnerLoop loop,
      Executor io) {
    this.replicas = replicas;
    this.loop = loop;
    this.io = io;
    this.logs = logs;
    every(config.checkpointIntervalMs(), replica -> {}, logs::checkpoint);
    every(config.retentionCheckMs(), Replica::retain, () -> {});
    every(SPACE_CHECK_MS, replica -> {}, () -> logs.checkSpace(config.space()));
    rounds.add(new Round(DELETE_CHECK_MS, this::findDropped, this::takeDropped));
  }

  /**
   * Adds a round over all replicas. On the loop, or before {@link #start}.
   *
   * @param intervalMs from the end of one round to the beginning of the next
   * @param step for each replica, on the loop
   * @param afterwards on the I/O pool, when all replicas had their turn
   */
  public void every(long intervalMs, Consumer<Replica> step, Runnable afterwards) {
    Round round = new Round(intervalMs, step, () -> afterwards);
    rounds.add(round);
    if (started) {
      round.later(intervalMs);
    }
  }

  /** Writes the checkpoints now; the task runs on the loop afterwards, whether or not it failed. */
  public void checkpoint(Runnable afterwards) {
    io.execute(
        () -> {
          logs.checkpoint();
          loop.execute(afterwards);
        });
  }

  void start() {
    started = true;
    rounds.forEach(round -> round.later(Math.min(round.intervalMs, FIRST_ROUND_MS)));
  }

  @Override
  public void close() {
    rounds.forEach(Round::cancel);
  }

  private void findDropped(Replica replica) {
    LogRetention retention = replica.log().retention();
    retention.drop();
    if (retention.hasDropped()) {
      dropping.add(retention);
    }
  }

  private Runnable takeDropped() {
    List<LogRetention> due = List.copyOf(dropping);
    dropping.clear();
    return () -> due.forEach(LogMaintenance::deleteDue);
  }

  private static void deleteDue(LogRetention retention) {
    try {
      retention.deleteDue();
    } catch (HighwaterException e) {
      LOG.error("old segments stay: {}", e.getMessage(), e);
    }
  }

  /** One round after the other; never two of a kind at once. */
  private final class Round {
    private final long intervalMs;
    private final Consumer<Replica> step;
    private final Supplier<Runnable> afterwards;
    private List<Replica> left = List.of();
    private Cancellable next = Cancellable.DONE;
    private boolean cancelled;

    Round(long intervalMs, Consumer<Replica> step, Supplier<Runnable> afterwards) {
      this.intervalMs = intervalMs;
      this.step = step;
      this.afterwards = afterwards;
    }

    void later(long delayMs) {
      if (!cancelled) {
        next = loop.schedule(delayMs, this::begin);
      }
    }

    void cancel() {
      cancelled = true;
      next.cancel();
    }

    private void begin() {
      left = List.copyOf(replicas);
      turn();
    }

    private void turn() {
      if (cancelled) {
        return;
      }
      int now = Math.min(left.size(), REPLICAS_PER_TURN);
      for (Replica replica : left.subList(0, now)) {
        step.accept(replica);
      }
      left = left.subList(now, left.size());
      if (!left.isEmpty()) {
        loop.execute(this::turn);
        return;
      }
      Runnable task = afterwards.get();
      io.execute(
          () -> {
            try {
              task.run();
            } finally {
              loop.execute(() -> later(intervalMs));
            }
          });
    }
  }
}
