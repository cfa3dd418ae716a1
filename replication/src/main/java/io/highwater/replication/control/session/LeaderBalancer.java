package io.highwater.replication.control.session;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.Cancellable;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.LeaderImbalance;
import io.highwater.replication.control.MetadataCommand.ElectLeaders;
import io.highwater.replication.control.MetadataLog;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives leaderships back to preferred leaders, a bounded number at a time, where this broker is the
 * active controller: after a broker has returned and caught up, it leads again. On the owner loop.
 */
public final class LeaderBalancer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderBalancer.class);

  /** Clients of so many partitions look for their leaders at once, of the others later. */
  private static final int ELECTIONS_AT_A_TIME = 100;

  private static final long NEXT_BATCH_MS = 1_000;

  private final int nodeId;
  private final MetadataLog log;
  private final OwnerLoop loop;
  private final long intervalMs;
  private final int percentage;
  private Cancellable next = Cancellable.DONE;
  private boolean closed;

  /**
   * @param nodeId this broker
   * @param log whose leader is the active controller
   * @param intervalMs between two looks ({@code leader.imbalance.check.interval.seconds})
   * @param percentage {@code leader.imbalance.per.broker.percentage}
   */
  public LeaderBalancer(
      int nodeId, MetadataLog log, OwnerLoop loop, long intervalMs, int percentage) {
    this.nodeId = nodeId;
    this.log = log;
    this.loop = loop;
    this.intervalMs = intervalMs;
    this.percentage = percentage;
  }

  /** Begins to look. On the loop. */
  public void start() {
    later(intervalMs);
  }

  @Override
  public void close() {
    closed = true;
    next.cancel();
  }

  private void later(long delayMs) {
    if (!closed) {
      next = loop.schedule(delayMs, this::look);
    }
  }

  private void look() {
    List<TopicIdPartition> due =
        log.controller().id() == nodeId
            ? LeaderImbalance.of(log.image(), percentage, ELECTIONS_AT_A_TIME)
            : List.of();
    if (due.isEmpty()) {
      later(intervalMs);
      return;
    }
    LOG.info("{} partitions get their preferred leaders back", due.size());
    log.submit(
        new ElectLeaders(due),
        (result, failure) -> {
          if (failure != null) {
            LOG.warn("elections of preferred leaders are not confirmed: {}", failure.toString());
          }
          loop.execute(() -> later(Math.min(intervalMs, NEXT_BATCH_MS)));
        });
  }
}
