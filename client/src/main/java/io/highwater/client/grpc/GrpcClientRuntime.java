package io.highwater.client.grpc;

import io.highwater.client.BrokerAddress;
import io.highwater.client.BrokerChannel;
import io.highwater.client.ClientLoop;
import io.highwater.client.ClientRuntime;
import io.highwater.proto.grpc.NettyTransport;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;

/** The real runtime of a client: one daemon thread with a Netty event loop, gRPC, system clocks. */
public final class GrpcClientRuntime implements ClientRuntime {
  private static final int MAX_FETCHED_BATCH_BYTES = 64 * 1024 * 1024;
  private static final long CLOSE_TIMEOUT_MS = 2_000;

  private final EventLoopGroup group;
  private final EventLoop eventLoop;
  private final ClientLoop loop;
  private final Set<GrpcBrokerChannel> channels = ConcurrentHashMap.newKeySet();

  private GrpcClientRuntime(String name) {
    this.group = NettyTransport.eventLoops(1, name);
    this.eventLoop = group.next();
    this.loop = new NettyClientLoop(eventLoop);
  }

  /**
   * Starts one.
   *
   * @param name of the thread
   */
  public static GrpcClientRuntime open(String name) {
    return new GrpcClientRuntime(name);
  }

  @Override
  public ClientLoop loop() {
    return loop;
  }

  @Override
  public EpochClock epochClock() {
    return SystemEpochClock.INSTANCE;
  }

  @Override
  public NanoClock nanoClock() {
    return SystemNanoClock.INSTANCE;
  }

  @Override
  public double random() {
    return ThreadLocalRandom.current().nextDouble();
  }

  @Override
  public BrokerChannel connect(BrokerAddress address) {
    GrpcBrokerChannel channel =
        new GrpcBrokerChannel(
            address,
            NettyTransport.channel(
                    address.host(),
                    address.port(),
                    group,
                    NettyTransport.maxMessageBytes(MAX_FETCHED_BATCH_BYTES))
                .build(),
            eventLoop);
    channels.removeIf(GrpcBrokerChannel::isClosed);
    channels.add(channel);
    return channel;
  }

  @Override
  public void close() {
    for (GrpcBrokerChannel channel : channels) {
      channel.close();
      channel.awaitClosed(CLOSE_TIMEOUT_MS);
    }
    group
        .shutdownGracefully(0, CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(CLOSE_TIMEOUT_MS);
  }
}
