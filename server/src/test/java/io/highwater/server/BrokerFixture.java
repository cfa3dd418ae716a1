package io.highwater.server;

import io.grpc.ManagedChannel;
import io.highwater.log.io.FileStorage;
import io.highwater.log.io.Storage;
import io.highwater.proto.grpc.NettyTransport;
import io.highwater.server.config.HostPort;
import io.highwater.server.config.Listener;
import io.netty.channel.EventLoopGroup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Real brokers on free ports and channels to them, all closed together. */
final class BrokerFixture implements AutoCloseable {
  private static final int MAX_MESSAGE_BYTES = 16 << 20;

  private final EventLoopGroup loops = NettyTransport.eventLoops(1, "test-client");
  private final List<HighwaterServer> brokers = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  /** A started single-node broker with free ports. */
  HighwaterServer start(Path data, String... keysAndValues) {
    return start(data, new FileStorage(), keysAndValues);
  }

  /** The same on a given storage. */
  HighwaterServer start(Path data, Storage storage, String... keysAndValues) {
    HighwaterServer broker = broker(data, storage, keysAndValues);
    broker.start();
    return broker;
  }

  /** The same, not started yet. */
  HighwaterServer broker(Path data, Storage storage, String... keysAndValues) {
    Map<String, String> values = new HashMap<>();
    values.put("log.dirs", data.toString());
    values.put("listeners", "CLIENTS://127.0.0.1:0");
    for (int i = 0; i < keysAndValues.length; i += 2) {
      values.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    HighwaterServer broker = new HighwaterServer(ServerConfig.of(values), storage);
    brokers.add(broker);
    return broker;
  }

  /** A broker that is started elsewhere, closed here. */
  void adopt(HighwaterServer broker) {
    brokers.add(broker);
  }

  /** A channel to a listener of a broker. */
  ManagedChannel channel(HighwaterServer broker, Listener listener) {
    HostPort address = broker.address(listener);
    return channel(address.host(), address.port());
  }

  /** A channel to an address. */
  ManagedChannel channel(String host, int port) {
    ManagedChannel channel = NettyTransport.channel(host, port, loops, MAX_MESSAGE_BYTES).build();
    channels.add(channel);
    return channel;
  }

  /** A client of a broker. */
  TestClient client(HighwaterServer broker) {
    return new TestClient(channel(broker, Listener.CLIENTS));
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    // Together and without handing over: a cluster that ends as a whole has nobody to hand over to.
    CompletableFuture.allOf(
            brokers.stream()
                .map(broker -> CompletableFuture.runAsync(broker::crash))
                .toArray(CompletableFuture[]::new))
        .join();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
