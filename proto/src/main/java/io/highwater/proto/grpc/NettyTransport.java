package io.highwater.proto.grpc;

import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * How every listener and connection is set up: native epoll where it is available, callbacks on the
 * event loop itself, one message limit, no retries behind the caller's back.
 */
public final class NettyTransport {
  /** Per connection and per stream: what the transport takes ahead of the credit of the streams. */
  private static final int FLOW_CONTROL_WINDOW_BYTES = 16 * 1024 * 1024;

  /** What the small fields and the framing of a message may add to its batch. */
  private static final int MESSAGE_OVERHEAD_BYTES = 64 * 1024;

  // A peer that vanished without closing its connection is noticed within the two together.
  private static final int KEEP_ALIVE_SECONDS = 10;
  private static final int KEEP_ALIVE_TIMEOUT_SECONDS = 5;

  /** Whoever connects has said by then that it speaks HTTP/2, or is gone. */
  private static final int HANDSHAKE_SECONDS = 10;

  private static final int CONNECT_TIMEOUT_MS = 3_000;

  private NettyTransport() {}

  /** The limit of one message that carries a batch of {@code maxBatchBytes}. */
  public static int maxMessageBytes(int maxBatchBytes) {
    return Math.addExact(maxBatchBytes, MESSAGE_OVERHEAD_BYTES);
  }

  /**
   * Event loops; the caller shuts the group down.
   *
   * @param threads how many, at least 1
   * @param name prefix of the threads' names; they are daemons
   */
  public static EventLoopGroup eventLoops(int threads, String name) {
    IoHandlerFactory handlers =
        Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), handlers);
  }

  /**
   * A listener. Its callbacks run on the connection's event loop and must not block.
   *
   * @param address to listen on; port 0 picks a free one
   * @param loops made by {@link #eventLoops}; accepts and serves the connections
   * @param maxMessageBytes the largest message that it takes
   */
  public static NettyServerBuilder server(
      InetSocketAddress address, EventLoopGroup loops, int maxMessageBytes) {
    return NettyServerBuilder.forAddress(address)
        .channelFactory(NettyTransport::serverChannel)
        .bossEventLoopGroup(loops)
        .workerEventLoopGroup(loops)
        .directExecutor()
        .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
        .maxInboundMessageSize(maxMessageBytes)
        .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .permitKeepAliveTime(KEEP_ALIVE_SECONDS / 2, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true);
  }

  /** A channel to listen with, on {@link #eventLoops}. */
  public static ServerChannel serverChannel() {
    return Epoll.isAvailable() ? new EpollServerSocketChannel() : new NioServerSocketChannel();
  }

  /**
   * A connection without transport security. Its callbacks run on the connection's event loop and
   * must not block.
   *
   * @param loops made by {@link #eventLoops}
   * @param maxMessageBytes the largest message that it takes
   */
  public static NettyChannelBuilder channel(
      String host, int port, EventLoopGroup loops, int maxMessageBytes) {
    return NettyChannelBuilder.forAddress(host, port)
        .channelType(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class)
        .eventLoopGroup(loops)
        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
        .directExecutor()
        .usePlaintext()
        .disableRetry()
        .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
        .maxInboundMessageSize(maxMessageBytes)
        .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .keepAliveWithoutCalls(true);
  }
}
