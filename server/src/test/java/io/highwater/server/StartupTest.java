package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import io.highwater.log.LogDirectory;
import io.highwater.log.io.FileStorage;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.v1.FetchServiceGrpc;
import io.highwater.proto.v1.ProduceServiceGrpc;
import io.highwater.server.config.Listener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.agrona.concurrent.SystemEpochClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a broker starts, stops, and fails to start. */
class StartupTest {
  @TempDir Path data;
  private final BrokerFixture brokers = new BrokerFixture();

  @AfterEach
  void close() {
    brokers.close();
  }

  @Test
  void twoBrokersThatDifferOnlyInAddressAndDataDoNotCollide() {
    HighwaterServer one = brokers.start(data.resolve("one"));
    HighwaterServer two = brokers.start(data.resolve("two"));

    assertThat(one.clusterId()).isNotEqualTo(two.clusterId());
    for (Listener listener : Listener.values()) {
      assertThat(one.address(listener)).isNotEqualTo(two.address(listener));
    }
  }

  @Test
  void aLockedDataDirectoryIsNamedAndTheHolderGoesOn() {
    HighwaterServer holder = brokers.start(data);

    assertStartFails(ErrorCode.KAFKA_STORAGE_ERROR, "another broker uses", data);

    assertThat(brokers.client(holder).createTopic("t", 1, Map.of()).getName()).isEqualTo("t");
  }

  @Test
  void aDataDirectoryOfAnotherClusterOrNodeIsNamed() {
    brokers.start(data, "cluster.id", "mine").stop();

    assertStartFails(
        ErrorCode.INCONSISTENT_CLUSTER_ID, "belongs to cluster mine", data, "cluster.id", "yours");
    assertStartFails(ErrorCode.INVALID_CONFIG, "belongs to node 1", data, "node.id", "2");
  }

  @Test
  void anUnreadableDataDirectoryIsNamed() throws IOException {
    Path file = data.resolve("file");
    Files.writeString(file, "not a directory");

    assertStartFails(ErrorCode.KAFKA_STORAGE_ERROR, "file", file);
  }

  @Test
  void aPortInUseIsNamedWithItsListenerAndNothingStaysLocked() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      for (String listener : List.of("CLIENTS", "BROKERS", "CONTROLLER", "ADMIN")) {
        assertStartFails(
            ErrorCode.INVALID_CONFIG,
            listener + " listener: port in use",
            data,
            "listeners",
            (listener.equals("CLIENTS") ? "" : "CLIENTS://127.0.0.1:0,")
                + listener
                + "://127.0.0.1:"
                + taken.getLocalPort());
      }
    }
    assertThat(brokers.start(data).clusterId()).isNotEmpty();
  }

  @Test
  void severalControllersNeedAClusterId() {
    assertStartFails(
        ErrorCode.INVALID_CONFIG,
        "cluster.id is not set",
        data,
        "controller.quorum.voters",
        "1@127.0.0.1:1,2@127.0.0.1:2");
  }

  @Test
  void aBrokerStoppedWhileItWaitsForAQuorumStartsNoMore() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    HighwaterServer lonely =
        new HighwaterServer(
            ServerConfig.of(
                Map.of(
                    "log.dirs",
                    data.toString(),
                    "listeners",
                    "CLIENTS://127.0.0.1:0",
                    "cluster.id",
                    "three",
                    "controller.quorum.voters",
                    "1@127.0.0.1:" + port + ",2@127.0.0.1:1,3@127.0.0.1:2")));
    CompletableFuture<Void> start = CompletableFuture.runAsync(lonely::start);
    assertThatThrownBy(() -> start.get(300, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);

    lonely.stop();

    assertThatThrownBy(start::join)
        .hasCauseInstanceOf(HighwaterException.class)
        .hasMessageContaining("stopped while starting");
  }

  @Test
  void aGracefulStopMarksTheShutdownCleanAndACrashDoesNot() {
    brokers.start(data).stop();
    assertThat(cleanShutdownEpoch()).isPositive();

    brokers.start(data).crash();
    assertThat(cleanShutdownEpoch()).isNegative();
  }

  /** REC-2: it costs a restart, and no doubt about what the logs hold. */
  @Test
  void aStartThatFailsLeavesTheCleanShutdownForTheNext() throws IOException {
    HighwaterServer broker = brokers.start(data, "cluster.id", "mine");
    brokers.client(broker).createTopic("t", 1, Map.of());
    broker.stop();
    long epoch = cleanShutdownEpoch();
    assertThat(epoch).isPositive();

    assertStartFails(
        ErrorCode.INCONSISTENT_CLUSTER_ID, "belongs to cluster mine", data, "cluster.id", "yours");
    assertThat(cleanShutdownEpoch()).isEqualTo(epoch);
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertStartFails(
          ErrorCode.INVALID_CONFIG,
          "port in use",
          data,
          "listeners",
          "CLIENTS://127.0.0.1:" + taken.getLocalPort());
    }
    assertThat(cleanShutdownEpoch()).isEqualTo(epoch);

    brokers.start(data).crash();
    assertThat(cleanShutdownEpoch()).isNegative();
  }

  private long cleanShutdownEpoch() {
    try (LogDirectory directory =
        LogDirectory.open(
            data, new FileStorage(), SystemEpochClock.INSTANCE, 1, UUID::randomUUID)) {
      return directory.cleanShutdownEpoch().orElse(-1);
    }
  }

  @Test
  void reflectionTellsTheServices() {
    HighwaterServer broker = brokers.start(data);
    CompletableFuture<List<String>> services = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> call =
        ServerReflectionGrpc.newStub(brokers.channel(broker, Listener.CLIENTS))
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    services.complete(
                        response.getListServicesResponse().getServiceList().stream()
                            .map(ServiceResponse::getName)
                            .toList());
                  }

                  @Override
                  public void onError(Throwable failure) {
                    services.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {}
                });
    call.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());

    assertThat(services.orTimeout(20, TimeUnit.SECONDS).join())
        .contains(ProduceServiceGrpc.SERVICE_NAME, FetchServiceGrpc.SERVICE_NAME)
        .contains("grpc.health.v1.Health");
    call.onCompleted();
  }

  private void assertStartFails(
      ErrorCode error, String text, Path directory, String... keysAndValues) {
    assertThatThrownBy(() -> brokers.start(directory, keysAndValues))
        .isInstanceOfSatisfying(
            HighwaterException.class, e -> assertThat(e.code()).isEqualTo(error))
        .hasMessageContaining(text);
  }
}
