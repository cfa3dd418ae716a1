package io.highwater.replication.control.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.highwater.proto.grpc.NettyTransport;
import io.highwater.replication.control.BrokerLife;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.CommandCodec;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.Feature;
import io.highwater.replication.control.ListenerName;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataCommand.FormatCluster;
import io.highwater.replication.control.MetadataHistory;
import io.highwater.replication.control.MetadataLog.Controller;
import io.highwater.replication.control.PublishingMetadataLog;
import io.highwater.replication.control.observer.ObserverMetadataLog;
import io.highwater.replication.control.observer.QuorumRoute;
import io.highwater.replication.grpc.EventLoopOwner;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An observer follows a controller over real sockets (CTL-1, CTL-2). */
class MetadataFeedTest {
  private static final int MAX_MESSAGE_BYTES = 1 << 20;

  private final Quorum quorum = new Quorum();
  private final List<Long> seen = new CopyOnWriteArrayList<>();
  private EventLoopGroup controllerLoops;
  private EventLoopGroup observerLoops;
  private Server server;
  private int port;
  private ObserverMetadataLog observer;

  @BeforeEach
  void prepare() {
    controllerLoops = NettyTransport.eventLoops(1, "controller");
    observerLoops = NettyTransport.eventLoops(1, "observer");
    quorum.apply(new FormatCluster("cluster"));
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (observer != null) {
      observer.close();
    }
    server.shutdownNow().awaitTermination();
    observerLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    controllerLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
  }

  @Test
  void itFollowsEveryEntryAndItsImagesEqualTheQuorums() throws IOException {
    serve();
    observe("cluster");
    for (int i = 0; i < 50; i++) {
      quorum.apply(new MetadataCommand.DeleteTopic(new UUID(0, i)));
    }

    await().untilAsserted(() -> assertThat(observer.image()).isEqualTo(quorum.image()));
    assertThat(seen).isSorted().doesNotHaveDuplicates();
    await().until(() -> observer.controller().id() == 1);
  }

  @Test
  void whoIsTooFarBehindGetsASnapshotAndGoesOnFromThere() throws IOException {
    for (int i = 0; i < 5_000; i++) {
      quorum.apply(new MetadataCommand.DeleteTopic(new UUID(0, i)));
    }
    serve();
    observe("cluster");
    await().untilAsserted(() -> assertThat(observer.image()).isEqualTo(quorum.image()));
    assertThat(seen).hasSize(2);

    quorum.apply(new MetadataCommand.DeleteTopic(new UUID(0, 0)));
    await().untilAsserted(() -> assertThat(observer.image()).isEqualTo(quorum.image()));
  }

  @Test
  void aBrokenStreamIsResumedAndNothingComesTwice() throws IOException, InterruptedException {
    serve();
    observe("cluster");
    quorum.apply(new MetadataCommand.DeleteTopic(new UUID(0, 0)));
    await().untilAsserted(() -> assertThat(observer.image()).isEqualTo(quorum.image()));
    server.shutdownNow().awaitTermination();
    quorum.apply(new MetadataCommand.DeleteTopic(new UUID(0, 1)));
    quorum.apply(new MetadataCommand.DeleteTopic(new UUID(0, 2)));
    serve();

    await().untilAsserted(() -> assertThat(observer.image()).isEqualTo(quorum.image()));
    assertThat(seen).isSorted().doesNotHaveDuplicates().hasSize(5);
  }

  @Test
  void anotherClustersBrokerLearnsNothing() throws IOException {
    serve();
    List<String> reasons = new CopyOnWriteArrayList<>();
    EventLoopOwner loop = new EventLoopOwner(observerLoops.next());
    new GrpcMetadataFeed("other", 9, loop, this::channel)
        .open(
            new Endpoint("127.0.0.1", port),
            -1,
            new FeedEars() {
              @Override
              public void onClosed(String reason) {
                reasons.add(reason);
              }
            });

    await().until(() -> !reasons.isEmpty());
    assertThat(reasons.get(0)).contains("this is cluster cluster, not other");
  }

  private void serve() throws IOException {
    server =
        NettyTransport.server(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                controllerLoops,
                MAX_MESSAGE_BYTES)
            .addService(
                new MetadataFeedGrpcService(
                    new EventLoopOwner(controllerLoops.next()), quorum.history, quorum, () -> true))
            .build()
            .start();
    port = server.getPort();
  }

  private void observe(String clusterId) {
    EventLoopOwner loop = new EventLoopOwner(observerLoops.next());
    observer =
        new ObserverMetadataLog(
            Set.of(1),
            new Route(port),
            new GrpcMetadataFeed(clusterId, 9, loop, this::channel),
            loop);
    observer.follow(image -> seen.add(image.index()));
    observer.start();
  }

  private ManagedChannel channel(Endpoint to) {
    return NettyTransport.channel(to.host(), to.port(), observerLoops, MAX_MESSAGE_BYTES).build();
  }

  /** Leads to the one controller there is. */
  private record Route(int port) implements QuorumRoute {
    @Override
    public CompletableFuture<CommandResult> submit(MetadataCommand command) {
      return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    @Override
    public CompletableFuture<List<BrokerRegistration>> brokers() {
      return CompletableFuture.completedFuture(
          List.of(
              new BrokerRegistration(
                  1,
                  1,
                  new UUID(1, 1),
                  new UUID(2, 2),
                  Map.of(ListenerName.BROKERS, new Endpoint("127.0.0.1", port)),
                  false,
                  false,
                  "test",
                  "",
                  false,
                  Set.of(),
                  BrokerLife.NEVER,
                  Feature.allSupported())));
    }

    @Override
    public void close() {}
  }

  private abstract static class FeedEars
      implements io.highwater.replication.control.observer.MetadataFeed.Listener {
    @Override
    public void onEntry(long index, MetadataCommand command) {}

    @Override
    public void onSnapshot(ClusterImage image) {}

    @Override
    public void onController(Controller controller) {}
  }

  /** A controller's metadata log without a quorum behind it. */
  private static final class Quorum extends PublishingMetadataLog {
    private final MetadataHistory history = new MetadataHistory();
    private final ClusterState state = new ClusterState(ClusterImage.EMPTY);
    private long nextIndex;

    Quorum() {
      learn(new Controller(1, 1));
    }

    void apply(MetadataCommand command) {
      state.apply(nextIndex, command);
      // Consensus has entries of its own in between.
      nextIndex += 2;
      history.applied(state.image(), CommandCodec.encode(command));
      images.update(before -> state.image());
    }

    @Override
    public CompletableFuture<CommandResult> submit(MetadataCommand command) {
      return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    @Override
    public void close() {}
  }
}
