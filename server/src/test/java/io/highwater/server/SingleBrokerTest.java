package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.highwater.proto.record.Codec;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.ErrorCode;
import io.highwater.proto.v1.PartitionRecords;
import io.highwater.proto.v1.ProduceAck;
import io.highwater.proto.v1.ProduceServiceGrpc;
import io.highwater.proto.v1.TopicInfo;
import io.highwater.server.config.Listener;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One broker, real sockets, generated stubs. */
class SingleBrokerTest {
  private static final BrokerFixture BROKERS = new BrokerFixture();

  @TempDir static Path data;
  private static HighwaterServer broker;
  private static TestClient client;

  @BeforeAll
  static void start() {
    broker = BROKERS.start(data);
    client = BROKERS.client(broker);
  }

  @AfterAll
  static void close() {
    BROKERS.close();
  }

  @Test
  void whatWasProducedIsFetchedAndSurvivesARestart(@TempDir Path own) {
    HighwaterServer broker = BROKERS.start(own);
    TestClient client = BROKERS.client(broker);
    TopicInfo topic = client.createTopic("orders", 1, Map.of());

    ProduceAck ack = client.produce(topic, Acks.ACKS_ALL, TestClient.batch(Codec.NONE, "a", "b"));
    assertThat(ack.getError()).isEqualTo(ErrorCode.ERROR_CODE_UNSPECIFIED);
    assertThat(ack.getBaseOffset()).isZero();
    assertThat(ack.getReplicas()).isEqualTo(1);
    assertThat(TestClient.values(client.fetch(topic, 0, 0).getRecords())).containsExactly("a", "b");
    String clusterId = broker.clusterId();
    broker.stop();

    HighwaterServer again = BROKERS.start(own);
    TestClient second = BROKERS.client(again);
    assertThat(again.clusterId()).isEqualTo(clusterId);
    assertThat(TestClient.values(second.fetch(topic, 0, 0).getRecords())).containsExactly("a", "b");
    assertThat(
            second.produce(topic, Acks.ACKS_ALL, TestClient.batch(Codec.NONE, "c")).getBaseOffset())
        .isEqualTo(2);
  }

  /** REP-4: the checkpoint of the high watermark is behind then, and nothing else is appended. */
  @Test
  void whatWasAcknowledgedIsReadAfterACrash(@TempDir Path own) {
    HighwaterServer broker = BROKERS.start(own);
    TestClient client = BROKERS.client(broker);
    TopicInfo topic = client.createTopic("orders", 1, Map.of());
    client.produce(topic, Acks.ACKS_ALL, TestClient.batch(Codec.NONE, "a", "b"));
    broker.crash();

    TestClient second = BROKERS.client(BROKERS.start(own));

    // It leads again a moment after it is back: until then it says that it does not.
    PartitionRecords fetched =
        await()
            .until(
                () -> second.fetch(topic, 0, 0),
                answer -> answer.getError() != ErrorCode.ERROR_CODE_NOT_LEADER_OR_FOLLOWER);
    assertThat(TestClient.values(fetched.getRecords())).containsExactly("a", "b");
  }

  @ParameterizedTest
  @EnumSource(Codec.class)
  void everyCodecIsStoredAsItIs(Codec codec) {
    TopicInfo topic = client.createTopic("codec-" + codec, 1, Map.of());
    String[] values = {"one", "two".repeat(1000), "three"};

    for (Acks acks : new Acks[] {Acks.ACKS_LEADER, Acks.ACKS_ALL, Acks.ACKS_NONE}) {
      assertThat(client.produce(topic, acks, TestClient.batch(codec, values)).getError())
          .isEqualTo(ErrorCode.ERROR_CODE_UNSPECIFIED);
    }

    PartitionRecords fetched = client.fetch(topic, 0, 0);
    assertThat(TestClient.values(fetched.getRecords())).hasSize(9).startsWith(values);
    assertThat(fetched.getStatus().getHighWatermark()).isEqualTo(9);
  }

  @Test
  void aLongPollWakesWhenARecordIsCommitted() {
    TopicInfo topic = client.createTopic("woken", 1, Map.of());
    CompletableFuture<PartitionRecords> poll =
        CompletableFuture.supplyAsync(() -> client.fetch(topic, 0, 15_000));

    client.produce(topic, Acks.ACKS_ALL, TestClient.batch(Codec.NONE, "x"));

    assertThat(TestClient.values(poll.join().getRecords())).containsExactly("x");
  }

  @Test
  void aLongPollWithoutRecordsEndsEmpty() {
    TopicInfo topic = client.createTopic("empty", 1, Map.of());

    PartitionRecords nothing = client.fetch(topic, 0, 50);

    assertThat(nothing.getError()).isEqualTo(ErrorCode.ERROR_CODE_UNSPECIFIED);
    assertThat(nothing.getRecords().isEmpty()).isTrue();
  }

  @Test
  void healthIsServingPerServiceOnClientsAndAdmin() {
    for (Listener listener : new Listener[] {Listener.CLIENTS, Listener.ADMIN}) {
      for (String service : new String[] {"", ProduceServiceGrpc.SERVICE_NAME}) {
        assertThat(
                HealthGrpc.newBlockingStub(BROKERS.channel(broker, listener))
                    .check(HealthCheckRequest.newBuilder().setService(service).build())
                    .getStatus())
            .isEqualTo(ServingStatus.SERVING);
      }
    }
  }
}
