package io.highwater.server.loop;

import io.highwater.replication.Cancellable;
import io.highwater.replication.OwnerLoop;
import io.netty.channel.EventLoop;
import org.agrona.concurrent.NanoClock;

/**
 * The owner loop on a Netty event loop: the thread that reads batches from sockets is the thread
 * that owns the partitions.
 */
public final class NettyOwnerLoop implements OwnerLoop {
  private final EventLoop loop;
  private final LoopTimers timers;

  /**
   * @param loop the data event loop; stays its creator's
   * @param clock monotonic time for delays
   */
  public NettyOwnerLoop(EventLoop loop, NanoClock clock) {
    this.loop = loop;
    this.timers = new LoopTimers(loop, clock);
  }

  @Override
  public void execute(Runnable task) {
    loop.execute(task);
  }

  @Override
  public Cancellable schedule(long delayMs, Runnable task) {
    if (loop.inEventLoop()) {
      return timers.schedule(delayMs, task);
    }
    Deferred deferred = new Deferred();
    loop.execute(
        () -> {
          if (!deferred.cancelled) {
            deferred.timer = timers.schedule(delayMs, task);
          }
        });
    return deferred;
  }

  @Override
  public boolean inLoop() {
    return loop.inEventLoop();
  }

  /** A timer asked for from another thread, which may be cancelled before it exists. */
  private static final class Deferred implements Cancellable {
    private Cancellable timer = Cancellable.DONE;
    private boolean cancelled;

    @Override
    public void cancel() {
      cancelled = true;
      timer.cancel();
    }
  }
}
