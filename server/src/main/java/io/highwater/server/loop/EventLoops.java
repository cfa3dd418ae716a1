package io.highwater.server.loop;

import io.highwater.proto.grpc.NettyTransport;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.TimeUnit;

/**
 * The broker's Netty threads: the data event loop, which owns the partitions and every connection
 * of clients and brokers, a second one for the ADMIN listener, so that health is answered also
 * while the data loop is busy, and a third that only watches whether the data loop turns.
 */
public final class EventLoops implements AutoCloseable {
  private static final long CLOSE_WAIT_MS = 2_000;

  private final EventLoopGroup data = NettyTransport.eventLoops(1, "highwater-data");
  private final EventLoopGroup admin = NettyTransport.eventLoops(1, "highwater-admin");
  private final EventLoopGroup watch = NettyTransport.eventLoops(1, "highwater-watch");

  /** The data event loop as a group of one. */
  public EventLoopGroup data() {
    return data;
  }

  /** The data event loop. */
  public EventLoop dataLoop() {
    return data.next();
  }

  /** The loop of the ADMIN listener. */
  public EventLoopGroup admin() {
    return admin;
  }

  /** The loop that neither writes nor waits. */
  public EventLoop watchLoop() {
    return watch.next();
  }

  /** Ends all threads after what they have to do now, and waits for it, bounded. */
  @Override
  public void close() {
    data.shutdownGracefully(0, CLOSE_WAIT_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly();
    watch.shutdownGracefully(0, CLOSE_WAIT_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly();
    admin.shutdownGracefully(0, CLOSE_WAIT_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly();
  }
}
