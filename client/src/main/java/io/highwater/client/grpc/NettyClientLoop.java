package io.highwater.client.grpc;

import io.highwater.client.ClientLoop;
import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Netty event loop as the client's loop. */
final class NettyClientLoop implements ClientLoop {
  private static final Logger log = LoggerFactory.getLogger(NettyClientLoop.class);

  private final EventLoop eventLoop;

  NettyClientLoop(EventLoop eventLoop) {
    this.eventLoop = eventLoop;
  }

  @Override
  public void execute(Runnable task) {
    try {
      eventLoop.execute(() -> run(task));
    } catch (RejectedExecutionException e) {
      throw closed(e);
    }
  }

  @Override
  public Timer schedule(long delayMs, Runnable task) {
    try {
      var scheduled = eventLoop.schedule(() -> run(task), delayMs, TimeUnit.MILLISECONDS);
      return () -> scheduled.cancel(false);
    } catch (RejectedExecutionException e) {
      throw closed(e);
    }
  }

  private static IllegalStateException closed(RejectedExecutionException cause) {
    return new IllegalStateException("the client is closed", cause);
  }

  @Override
  public boolean inLoop() {
    return eventLoop.inEventLoop();
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      log.error("client loop: a task failed, which no task may", e);
      throw e;
    }
  }
}
