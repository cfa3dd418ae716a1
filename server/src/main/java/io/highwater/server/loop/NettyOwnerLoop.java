package io.highwater.server.loop;

import io.highwater.proto.InvariantViolation;
import io.highwater.replication.Cancellable;
import io.highwater.replication.OwnerLoop;
import io.netty.channel.EventLoop;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.agrona.concurrent.NanoClock;

/**
 * The owner loop on a Netty event loop: the thread that reads batches from sockets is the thread
 * that owns the partitions.
 */
public final class NettyOwnerLoop implements OwnerLoop {
  private final EventLoop loop;
  private final LoopTimers timers;
  private final Consumer<InvariantViolation> onViolation;

  /**
   * @param loop the data event loop; stays its creator's
   * @param clock monotonic time for delays
   * @param onViolation hears that a task found an invariant broken: nothing on this loop can be
   *     relied on any more
   */
  public NettyOwnerLoop(EventLoop loop, NanoClock clock, Consumer<InvariantViolation> onViolation) {
    this.loop = loop;
    this.onViolation = onViolation;
    this.timers = new LoopTimers(loop, clock);
  }

  @Override
  public void execute(Runnable task) {
    loop.execute(() -> run(task));
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (InvariantViolation e) {
      onViolation.accept(e);
      throw e;
    } catch (VirtualMachineError e) {
      // Netty would log it and go on.
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
      throw e;
    }
  }

  /** Netty runs tasks that bring tasks for up to a second before it looks at sockets again. */
  @Override
  public void executeAfterIo(Runnable task) {
    Future<?> unused = loop.schedule(() -> run(task), 0, TimeUnit.NANOSECONDS);
  }

  @Override
  public Cancellable schedule(long delayMs, Runnable task) {
    if (loop.inEventLoop()) {
      return timers.schedule(delayMs, () -> run(task));
    }
    Deferred deferred = new Deferred();
    loop.execute(
        () -> {
          if (!deferred.cancelled) {
            deferred.timer = timers.schedule(delayMs, () -> run(task));
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
