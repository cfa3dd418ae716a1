package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.grpc.StatusMapper;
import io.highwater.proto.internal.v1.BrokerSessionRequest;
import io.highwater.proto.internal.v1.BrokerSessionResponse;
import io.highwater.proto.internal.v1.ControllerServiceGrpc;
import io.highwater.proto.internal.v1.Follow;
import io.highwater.proto.internal.v1.FollowMetadataRequest;
import io.highwater.proto.internal.v1.FollowMetadataResponse;
import io.highwater.proto.internal.v1.FollowerHello;
import io.highwater.proto.internal.v1.MetadataFeedServiceGrpc;
import io.highwater.proto.internal.v1.ProbeRequest;
import io.highwater.proto.internal.v1.ReplicaServiceGrpc;
import io.highwater.proto.internal.v1.ReplicateFrameKind;
import io.highwater.proto.internal.v1.ReplicateRequest;
import io.highwater.proto.internal.v1.ReplicateResponse;
import io.highwater.proto.v1.DescribeClusterRequest;
import io.highwater.proto.v1.DescribeClusterResponse;
import io.highwater.server.config.Listener;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Nodes of other clusters, of earlier lives and with wrong ideas call this broker: refused by name,
 * and nothing changes (FEN-3, INP-1).
 */
class ForeignNodesTest {
  private static final long SOME_EPOCH = 1L << 40;

  @TempDir static Path data;
  private static final BrokerFixture BROKERS = new BrokerFixture();
  private static TestClient client;
  private static ManagedChannel channel;

  private DescribeClusterResponse before;

  @BeforeAll
  static void start() {
    HighwaterServer broker = BROKERS.start(data, "cluster.id", "mine");
    client = BROKERS.client(broker);
    client.createTopic("t", 1, Map.of());
    channel = BROKERS.channel(broker, Listener.BROKERS);
  }

  @AfterAll
  static void close() {
    BROKERS.close();
  }

  @BeforeEach
  void note() {
    before = describe();
  }

  @AfterEach
  void nothingChanged() {
    assertThat(describe()).isEqualTo(before);
  }

  private static DescribeClusterResponse describe() {
    return client.metadata().describeCluster(DescribeClusterRequest.getDefaultInstance());
  }

  @ParameterizedTest
  @CsvSource({"theirs, 1", "mine, 2", "'', 0"})
  void aProbeForSomebodyElseIsNotAnsweredWithAnEpoch(String clusterId, int brokerId) {
    assertThat(
            ControllerServiceGrpc.newBlockingStub(channel)
                .probe(
                    ProbeRequest.newBuilder().setClusterId(clusterId).setBrokerId(brokerId).build())
                .getBrokerEpoch())
        .isNegative();
  }

  @ParameterizedTest
  @CsvSource({"theirs, 1, -1", "mine, 1, 0", "mine, 7, 5", "mine, 1, 99999999"})
  void aSessionOfSomebodyElseIsRefusedAndClosed(String clusterId, int brokerId, long epoch) {
    Ears<BrokerSessionResponse> ears = new Ears<>();
    StreamObserver<BrokerSessionRequest> call =
        ControllerServiceGrpc.newStub(channel).brokerSession(ears);

    call.onNext(
        BrokerSessionRequest.newBuilder()
            .setClusterId(clusterId)
            .setBrokerId(brokerId)
            .setBrokerEpoch(epoch)
            .setWantsToStop(true)
            .build());

    await().until(() -> ears.ended);
    assertThat(ears.heard).hasSize(1).noneMatch(BrokerSessionResponse::getAccepted);
    assertThat(ears.failures).isEmpty();
    call.onCompleted();
  }

  @ParameterizedTest
  @CsvSource({
    "theirs, 2, 9, 1, INCONSISTENT_CLUSTER_ID",
    "mine, 2, 9, 3, BROKER_NOT_AVAILABLE",
    "mine, 1, 0, 1, STALE_BROKER_EPOCH"
  })
  void aFollowerThatMeansSomebodyElseIsRefusedByName(
      String clusterId, int brokerId, long epoch, int leaderId, ErrorCode error) {
    Ears<ReplicateResponse> ears = new Ears<>();
    ReplicaServiceGrpc.newStub(channel)
        .replicate(ears)
        .onNext(hello(clusterId, brokerId, epoch, leaderId));

    await().until(() -> ears.ended);
    assertThat(StatusMapper.fromThrowable(ears.failures.get(0)).code()).isEqualTo(error);
    assertThat(ears.heard).isEmpty();
  }

  @Test
  void anUnknownTopicIdIsRefusedAndTheStreamStays() {
    Ears<ReplicateResponse> ears = new Ears<>();
    StreamObserver<ReplicateRequest> call = ReplicaServiceGrpc.newStub(channel).replicate(ears);
    call.onNext(hello("mine", 2, SOME_EPOCH, 1));
    call.onNext(ReplicateRequest.newBuilder().setCreditBytes(1 << 20).build());
    for (int attempt = 1; attempt <= 2; attempt++) {
      call.onNext(
          ReplicateRequest.newBuilder()
              .setFollow(
                  Follow.newBuilder()
                      .setTopicId(ByteString.copyFrom(new byte[16]))
                      .setLastEpoch(-1))
              .build());
      int refusals = attempt;
      await()
          .until(
              () ->
                  ears.heard.stream()
                          .filter(
                              frame ->
                                  frame.getKind()
                                      == ReplicateFrameKind.REPLICATE_FRAME_KIND_REFUSED)
                          .filter(frame -> frame.getErrorValue() != 0)
                          .count()
                      == refusals);
    }
    assertThat(ears.ended).isFalse();
    call.onCompleted();
  }

  @Test
  void metadataIsNotForOtherClusters() {
    Ears<FollowMetadataResponse> ears = new Ears<>();
    MetadataFeedServiceGrpc.newStub(channel)
        .followMetadata(
            FollowMetadataRequest.newBuilder().setClusterId("theirs").setIndex(-1).build(), ears);

    await().until(() -> ears.ended);
    assertThat(StatusMapper.fromThrowable(ears.failures.get(0)).code())
        .isEqualTo(ErrorCode.INCONSISTENT_CLUSTER_ID);
    assertThat(ears.heard).isEmpty();
  }

  private static ReplicateRequest hello(String clusterId, int brokerId, long epoch, int leaderId) {
    return ReplicateRequest.newBuilder()
        .setHello(
            FollowerHello.newBuilder()
                .setClusterId(clusterId)
                .setBrokerId(brokerId)
                .setBrokerEpoch(epoch)
                .setIncarnation(1)
                .setLeaderBrokerId(leaderId))
        .build();
  }

  /** Keeps what a stream says. */
  private static final class Ears<T> implements StreamObserver<T> {
    private final List<T> heard = new CopyOnWriteArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private volatile boolean ended;

    @Override
    public void onNext(T message) {
      heard.add(message);
    }

    @Override
    public void onError(Throwable failure) {
      failures.add(failure);
      ended = true;
    }

    @Override
    public void onCompleted() {
      ended = true;
    }
  }
}
