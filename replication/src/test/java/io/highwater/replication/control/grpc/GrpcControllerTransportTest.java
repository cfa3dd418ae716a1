package io.highwater.replication.control.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.highwater.proto.grpc.NettyTransport;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.session.Heartbeat;
import io.highwater.replication.control.session.HeartbeatReply;
import io.highwater.replication.control.session.ProbeListener;
import io.highwater.replication.control.session.SessionLink;
import io.highwater.replication.control.session.SessionLinkListener;
import io.highwater.replication.grpc.EventLoopOwner;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Both ends over real sockets on loopback, each on an event loop of its own. */
class GrpcControllerTransportTest {
  private static final int MAX_MESSAGE_BYTES = 1 << 16;
  private static final Heartbeat HEARTBEAT = new Heartbeat("cluster", 2, 20, false);

  private final List<Object> atController = new CopyOnWriteArrayList<>();
  private final List<Object> atBroker = new CopyOnWriteArrayList<>();
  private final List<Object> probed = new CopyOnWriteArrayList<>();
  private EventLoopGroup controllerLoops;
  private EventLoopGroup brokerLoops;
  private EventLoopOwner brokerLoop;
  private Server server;
  private Endpoint endpoint;
  private volatile SessionLink<HeartbeatReply> controllerEnd;
  private GrpcControllerTransport transport;

  @BeforeEach
  void startController() throws IOException {
    controllerLoops = NettyTransport.eventLoops(1, "controller");
    brokerLoops = NettyTransport.eventLoops(1, "broker");
    brokerLoop = new EventLoopOwner(brokerLoops.next());
    EventLoopOwner controllerLoop = new EventLoopOwner(controllerLoops.next());
    server =
        NettyTransport.server(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                controllerLoops,
                MAX_MESSAGE_BYTES)
            .addService(
                new ControllerGrpcService(
                    controllerLoop,
                    link -> {
                      assertThat(controllerLoop.inLoop()).isTrue();
                      controllerEnd = link;
                      return new Recorder<>(atController, controllerLoop);
                    },
                    (clusterId, brokerId) ->
                        clusterId.equals("cluster") && brokerId == 1 ? 17 : -1))
            .build()
            .start();
    endpoint = new Endpoint("127.0.0.1", server.getPort());
    transport = new GrpcControllerTransport(brokerLoop, this::channel);
  }

  private ManagedChannel channel(Endpoint to) {
    return NettyTransport.channel(to.host(), to.port(), brokerLoops, MAX_MESSAGE_BYTES).build();
  }

  @AfterEach
  void stop() throws InterruptedException {
    server.shutdownNow().awaitTermination();
    brokerLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    controllerLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
  }

  private record Recorder<M>(List<Object> heard, EventLoopOwner loop)
      implements SessionLinkListener<M> {
    @Override
    public void onMessage(M message) {
      heard.add(loop.inLoop() ? message : "not on the loop");
    }

    @Override
    public void onClosed(String reason) {
      heard.add("closed");
    }
  }

  private SessionLink<Heartbeat> open() {
    return transport.open(endpoint, new Recorder<>(atBroker, brokerLoop));
  }

  private void probe(Endpoint to, int brokerId) {
    transport.probe(
        to,
        "cluster",
        brokerId,
        500,
        new ProbeListener() {
          @Override
          public void onAnswer(long brokerEpoch) {
            probed.add(brokerEpoch);
          }

          @Override
          public void onRefused(String reason) {
            probed.add("refused");
          }

          @Override
          public void onSilence() {
            probed.add("silence");
          }
        });
    await().until(() -> !probed.isEmpty());
  }

  @Test
  void heartbeatsAndRepliesArriveInOrderOnTheirLoops() {
    Heartbeat last = new Heartbeat("cluster", 2, 20, true);
    SessionLink<Heartbeat> link = open();
    brokerLoop.execute(
        () -> {
          link.send(HEARTBEAT);
          link.send(last);
        });
    await().untilAsserted(() -> assertThat(atController).containsExactly(HEARTBEAT, last));

    HeartbeatReply reply = new HeartbeatReply(true, 1, true);
    controllerLoops.execute(
        () -> {
          controllerEnd.send(reply);
          controllerEnd.close();
        });
    await().untilAsserted(() -> assertThat(atBroker).containsExactly(reply, "closed"));
    assertThat(atController).hasSize(2);
  }

  @Test
  void theControllerHearsThatABrokerClosed() {
    SessionLink<Heartbeat> link = open();
    brokerLoop.execute(
        () -> {
          link.send(HEARTBEAT);
          link.close();
          link.send(HEARTBEAT);
        });

    await().untilAsserted(() -> assertThat(atController).containsExactly(HEARTBEAT, "closed"));
    assertThat(atBroker).isEmpty();
  }

  @Test
  void theBrokerHearsThatAControllerDied() throws InterruptedException {
    SessionLink<Heartbeat> link = open();
    brokerLoop.execute(() -> link.send(HEARTBEAT));
    await().until(() -> !atController.isEmpty());
    server.shutdownNow().awaitTermination();

    await().untilAsserted(() -> assertThat(atBroker).containsExactly("closed"));
    await().untilAsserted(() -> assertThat(atController).containsExactly(HEARTBEAT, "closed"));
  }

  @Test
  void aSessionWithNobodyCloses() throws InterruptedException {
    server.shutdownNow().awaitTermination();
    open();

    await().untilAsserted(() -> assertThat(atBroker).containsExactly("closed"));
  }

  @Test
  void aLivingBrokerAnswersAProbeWithItsEpoch() {
    probe(endpoint, 1);
    assertThat(probed).containsExactly(17L);
  }

  @Test
  void anotherBrokerAtTheSameAddressSaysSo() {
    probe(endpoint, 2);
    assertThat(probed).containsExactly(-1L);
  }

  @Test
  void aProbeOfNobodyIsRefused() throws InterruptedException {
    server.shutdownNow().awaitTermination();
    probe(endpoint, 1);
    assertThat(probed).containsExactly("refused");
  }

  @Test
  void aProbeOfAProcessThatHangsIsSilence() throws IOException {
    try (ServerSocket hanging = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      probe(new Endpoint("127.0.0.1", hanging.getLocalPort()), 1);
    }
    assertThat(probed).containsExactly("silence");
  }
}
