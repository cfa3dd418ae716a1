package io.highwater.server.fetch;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.Cancellable;
import io.highwater.replication.HighWatermarkListener;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.Replica;
import java.util.Collection;
import java.util.List;

/**
 * Parks long polls until one of their partitions changes or their time is up. A parked poll is a
 * few callbacks; no thread waits. On the owner loop.
 */
final class FetchWaiters {
  private final OwnerLoop loop;

  FetchWaiters(OwnerLoop loop) {
    this.loop = loop;
  }

  /**
   * Parks.
   *
   * @param onWake called once, as a task of its own: a high watermark rose, a role ended, or the
   *     time is up
   * @return wakes nobody any more
   */
  Cancellable park(Collection<Replica> replicas, long timeoutMs, Runnable onWake) {
    Parked parked = new Parked(List.copyOf(replicas), onWake);
    parked.timeout = loop.schedule(timeoutMs, parked::wake);
    parked.replicas.forEach(replica -> replica.addListener(parked));
    return parked;
  }

  private final class Parked implements HighWatermarkListener, Cancellable {
    private final List<Replica> replicas;
    private final Runnable onWake;
    private Cancellable timeout = Cancellable.DONE;
    private boolean awake;
    private boolean cancelled;

    Parked(List<Replica> replicas, Runnable onWake) {
      this.replicas = replicas;
      this.onWake = onWake;
    }

    @Override
    public void onHighWatermark(TopicIdPartition id, long highWatermark) {
      wake();
    }

    @Override
    public void onRoleEnded(TopicIdPartition id) {
      wake();
    }

    private void wake() {
      if (!awake) {
        awake = true;
        // Not here: whoever calls back walks through the listeners that are to be removed.
        loop.execute(
            () -> {
              leave();
              if (!cancelled) {
                onWake.run();
              }
            });
      }
    }

    @Override
    public void cancel() {
      cancelled = true;
      awake = true;
      leave();
    }

    private void leave() {
      timeout.cancel();
      replicas.forEach(replica -> replica.removeListener(this));
    }
  }
}
