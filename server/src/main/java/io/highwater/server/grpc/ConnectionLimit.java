package io.highwater.server.grpc;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.highwater.server.config.ConnectionConfig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts a listener's connections, in all and by address, and refuses those above the limits: with
 * an HTTP/2 GOAWAY that names the limit, which clients show. Stands before gRPC in the pipeline of
 * the listening channel; on its loop.
 */
final class ConnectionLimit extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionLimit.class);

  private static final int REFUSED_STREAM = 7;
  private static final int GOAWAY = 7;
  private static final int SETTINGS = 4;
  private static final int GOAWAY_BYTES = 8;

  /** Until then whoever was refused has read why. */
  private static final long CLOSE_AFTER_MS = 1_000;

  private static final long LOG_EVERY_MS = 60_000;

  private final ConnectionConfig limits;
  private final Map<InetAddress, Integer> byAddress = new HashMap<>();
  private final Map<SocketAddress, Channel> connections = new HashMap<>();
  private final LeavingConnections leaving = new LeavingConnections(connections.values());
  private long refused;
  private boolean quiet;

  ConnectionLimit(ConnectionConfig limits) {
    this.limits = limits;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    Channel accepted = (Channel) message;
    InetAddress address =
        accepted.remoteAddress() instanceof InetSocketAddress inet ? inet.getAddress() : null;
    String limit = reached(address);
    if (limit != null) {
      refuse(context, accepted, limit);
      return;
    }
    SocketAddress remote = accepted.remoteAddress();
    connections.put(remote, accepted);
    leaving.watch(context.channel().eventLoop());
    byAddress.merge(address, 1, Integer::sum);
    accepted
        .closeFuture()
        .addListener(
            closed -> {
              connections.remove(remote, accepted);
              byAddress.computeIfPresent(address, (key, count) -> count > 1 ? count - 1 : null);
            });
    context.fireChannelRead(message);
  }

  private String reached(InetAddress address) {
    if (connections.size() >= limits.maxConnections()) {
      return "max.connections=" + limits.maxConnections();
    }
    return byAddress.getOrDefault(address, 0) >= limits.maxConnectionsPerIp()
        ? "max.connections.per.ip=" + limits.maxConnectionsPerIp()
        : null;
  }

  private void refuse(ChannelHandlerContext context, Channel accepted, String limit) {
    refused++;
    if (!quiet) {
      quiet = true;
      LOG.warn(
          "connection from {} refused: {} is reached; refused so far: {}",
          accepted.remoteAddress(),
          limit,
          refused);
      Future<?> unused =
          context.executor().schedule(() -> quiet = false, LOG_EVERY_MS, TimeUnit.MILLISECONDS);
    }
    accepted.pipeline().addLast(new Refusal("the broker's limit " + limit + " is reached"));
    Future<?> unusedRegistration = context.channel().eventLoop().register(accepted);
  }

  /** Bytes that came on a connection and that none of its streams has read. */
  long unreadBytes(SocketAddress remote) {
    Channel channel = connections.get(remote);
    if (channel == null) {
      return 0;
    }
    Http2Connection http2 = channel.pipeline().get(Http2ConnectionHandler.class).connection();
    Http2LocalFlowController flow = http2.local().flowController();
    long[] unread = new long[1];
    try {
      http2.forEachActiveStream(
          stream -> {
            unread[0] += flow.unconsumedBytes(stream);
            return true;
          });
    } catch (Http2Exception e) {
      throw new IllegalStateException("looking at streams changes none", e);
    }
    return unread[0];
  }

  /** Ends a connection whose readers took nothing for long, because others need the memory. */
  void turnOut(SocketAddress remote) {
    Channel channel = connections.get(remote);
    if (channel == null) {
      return;
    }
    LOG.info("connection from {} ends: its readers take nothing, and others wait", remote);
    Http2ConnectionHandler http2 = channel.pipeline().get(Http2ConnectionHandler.class);
    ChannelHandlerContext context = channel.pipeline().context(http2);
    Future<?> unusedGoAway =
        http2.goAway(
            context,
            http2.connection().remote().lastStreamCreated(),
            Http2Error.NO_ERROR.code(),
            Unpooled.copiedBuffer(
                "THROTTLING_QUOTA_EXCEEDED: readers took nothing for long, and others need the memory",
                UTF_8),
            context.newPromise());
    context.flush();
    // Past HTTP/2, which would wait for what nobody reads.
    Future<?> unusedClose = channel.pipeline().firstContext().close();
  }

  /**
   * The stream that the client has opened last: during the beginning of a call that is its own,
   * because a listener without an executor hears of a call while HTTP/2 hears of its stream. 0 when
   * the connection is over.
   */
  int newestStream(SocketAddress remote) {
    Channel channel = connections.get(remote);
    return channel == null
        ? 0
        : channel
            .pipeline()
            .get(Http2ConnectionHandler.class)
            .connection()
            .remote()
            .lastStreamCreated();
  }

  /**
   * Ends a call that took nothing for long, because others need the memory: what HTTP/2 still has
   * for it is dropped, and the client sees RESOURCE_EXHAUSTED behind what it was sent.
   */
  void turnOut(SocketAddress remote, int stream) {
    Channel channel = connections.get(remote);
    if (channel == null) {
      return;
    }
    Http2ConnectionHandler http2 = channel.pipeline().get(Http2ConnectionHandler.class);
    if (http2.connection().stream(stream) == null) {
      return;
    }
    LOG.info("call {} of {} ends: its reader takes nothing, and others wait", stream, remote);
    ChannelHandlerContext context = channel.pipeline().context(http2);
    http2.onError(
        context,
        true,
        Http2Exception.streamError(
            stream,
            Http2Error.ENHANCE_YOUR_CALM,
            "THROTTLING_QUOTA_EXCEEDED: the reader took nothing for long, and others need the memory"));
    context.flush();
  }

  /** Says why, and closes. */
  private static final class Refusal extends ChannelInboundHandlerAdapter {
    private final String why;

    Refusal(String why) {
      this.why = why;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.writeAndFlush(goAway()).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
      // Closing with bytes unread would take the answer back.
      Future<?> unused =
          context.executor().schedule(() -> endNow(context), CLOSE_AFTER_MS, TimeUnit.MILLISECONDS);
      context.read();
    }

    /** The frames that HTTP/2 wants of a server that does not serve: SETTINGS, GOAWAY. */
    private ByteBuf goAway() {
      byte[] text = why.getBytes(UTF_8);
      ByteBuf frames = Unpooled.buffer();
      frames.writeMedium(0).writeByte(SETTINGS).writeByte(0).writeInt(0);
      frames.writeMedium(GOAWAY_BYTES + text.length).writeByte(GOAWAY).writeByte(0).writeInt(0);
      return frames.writeInt(0).writeInt(REFUSED_STREAM).writeBytes(text);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      // It is being closed anyway.
      endNow(context);
    }

    private static void endNow(ChannelHandlerContext context) {
      Future<?> unused = context.close();
    }
  }
}
