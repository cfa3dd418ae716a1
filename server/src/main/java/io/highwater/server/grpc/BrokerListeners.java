package io.highwater.server.grpc;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ChannelzService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.grpc.NettyTransport;
import io.highwater.server.config.ConnectionConfig;
import io.highwater.server.config.HostPort;
import io.highwater.server.config.Listener;
import io.highwater.server.config.ListenerConfig;
import io.highwater.server.loop.EventLoops;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The gRPC listeners CLIENTS, BROKERS and ADMIN. They stand from the first moment of a start, with
 * health NOT_SERVING and every service refused, and are opened once the broker serves.
 *
 * <p>CLIENTS and BROKERS run on the data event loop without an executor in between.
 */
public final class BrokerListeners implements AutoCloseable {
  /**
   * gRPC logs what clients do wrong, such as a message above the limit, as warnings with a stack
   * trace; they hear of it themselves. Held here, because loggers are held weakly elsewhere.
   */
  private static final Logger GRPC_LOGGER = Logger.getLogger("io.grpc");

  static {
    GRPC_LOGGER.setLevel(Level.SEVERE);
  }

  private static final int CHANNELZ_PAGE = 100;
  private static final long CLOSE_WAIT_MS = 1_000;

  private final ListenerConfig config;
  private final HealthStatus health;
  private final ServiceSwitch clientServices = new ServiceSwitch();
  private final ServiceSwitch brokerServices = new ServiceSwitch();
  private final Map<Listener, Server> servers = new EnumMap<>(Listener.class);

  private BrokerListeners(ListenerConfig config, List<String> clientServiceNames) {
    this.config = config;
    this.health = new HealthStatus(clientServiceNames);
  }

  /**
   * Binds the listeners.
   *
   * @param clientServiceNames full names of what CLIENTS will serve, for health checks
   * @param limits on connections of clients
   * @param maxFrameBytes largest message that is read
   * @param memory for what CLIENTS send and are sent
   * @throws HighwaterException INVALID_CONFIG naming the listener whose address cannot be bound;
   *     nothing stays bound then
   */
  public static BrokerListeners bind(
      ListenerConfig config,
      ConnectionConfig limits,
      List<String> clientServiceNames,
      int maxFrameBytes,
      EventLoops loops,
      ClientMemory memory) {
    BrokerListeners listeners = new BrokerListeners(config, clientServiceNames);
    ConnectionLimit connections = new ConnectionLimit(limits);
    ReaderConnections readers =
        new ReaderConnections(memory.answers(), memory.unread(), connections);
    try {
      listeners.start(
          Listener.CLIENTS,
          listeners
              .builder(Listener.CLIENTS, loops.data(), maxFrameBytes)
              .maxConcurrentCallsPerConnection(limits.maxStreamsPerConnection())
              .maxConnectionIdle(limits.maxIdleMs(), TimeUnit.MILLISECONDS)
              .channelFactory(() -> limited(connections))
              .addTransportFilter(readers)
              .addStreamTracerFactory(memory.unfinished())
              .flowControlWindow(memory.unread().windowBytes())
              .intercept(readers)
              .fallbackHandlerRegistry(listeners.clientServices)
              .addService(listeners.health.service())
              .addService(ProtoReflectionServiceV1.newInstance()));
      listeners.start(
          Listener.BROKERS,
          listeners
              .builder(Listener.BROKERS, loops.data(), maxFrameBytes)
              .fallbackHandlerRegistry(listeners.brokerServices));
      listeners.start(
          Listener.ADMIN,
          listeners
              .builder(Listener.ADMIN, loops.admin(), maxFrameBytes)
              .maxConnectionIdle(limits.maxIdleMs(), TimeUnit.MILLISECONDS)
              .addService(listeners.health.service())
              .addService(ProtoReflectionServiceV1.newInstance())
              .addService(ChannelzService.newInstance(CHANNELZ_PAGE)));
    } catch (HighwaterException e) {
      listeners.close();
      throw e;
    }
    return listeners;
  }

  /** What others are told about a listener. */
  public HostPort advertised(Listener listener) {
    return config.advertised(listener, servers.get(listener).getPort());
  }

  /** Where a listener was bound. */
  public HostPort bound(Listener listener) {
    return config.bind().get(listener).withPort(servers.get(listener).getPort());
  }

  /** Lets other brokers in, so that replicas catch up before clients come. */
  public void openToBrokers(List<? extends BindableService> services) {
    brokerServices.open(services);
  }

  /** Lets clients in and says SERVING. */
  public void openToClients(List<? extends BindableService> services) {
    clientServices.open(services);
    health.serving();
  }

  /** Says NOT_SERVING while calls are still served. */
  public void notServing() {
    health.notServing();
  }

  /** Ends every call and connection. */
  @Override
  public void close() {
    health.notServing();
    clientServices.close();
    brokerServices.close();
    servers.values().forEach(Server::shutdownNow);
    for (Server server : servers.values()) {
      try {
        server.awaitTermination(CLOSE_WAIT_MS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private NettyServerBuilder builder(Listener listener, EventLoopGroup loops, int maxFrameBytes) {
    HostPort address = config.bind().get(listener);
    return NettyTransport.server(
        new InetSocketAddress(address.host(), address.port()), loops, maxFrameBytes);
  }

  private static ServerChannel limited(ConnectionLimit connections) {
    ServerChannel channel = NettyTransport.serverChannel();
    channel.pipeline().addLast(connections);
    return channel;
  }

  private void start(Listener listener, NettyServerBuilder builder) {
    HostPort address = config.bind().get(listener);
    try {
      servers.put(listener, builder.build().start());
    } catch (IOException e) {
      throw new HighwaterException(
          ErrorCode.INVALID_CONFIG,
          listener + " listener: " + (isInUse(e) ? "port in use: " : "cannot bind ") + address,
          e);
    }
  }

  private static boolean isInUse(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      boolean bindFailed =
          cause instanceof BindException || String.valueOf(cause.getMessage()).contains("bind(..)");
      if (bindFailed && String.valueOf(cause.getMessage()).contains("in use")) {
        return true;
      }
    }
    return false;
  }
}
