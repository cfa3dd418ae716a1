package io.highwater.replication.grpc;

import io.highwater.replication.Cancellable;
import io.highwater.replication.OwnerLoop;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** An owner loop on a Netty event loop, as brokers have it. */
public record EventLoopOwner(EventLoop loop) implements OwnerLoop {
  @Override
  public void execute(Runnable task) {
    loop.execute(task);
  }

  @Override
  public Cancellable schedule(long delayMs, Runnable task) {
    Future<?> scheduled = loop.schedule(task, delayMs, TimeUnit.MILLISECONDS);
    return () -> scheduled.cancel(false);
  }

  @Override
  public boolean inLoop() {
    return loop.inEventLoop();
  }
}
