package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.highwater.proto.record.Codec;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.DeleteTopicRequest;
import io.highwater.proto.v1.ErrorCode;
import io.highwater.proto.v1.PartitionRecords;
import io.highwater.proto.v1.ProduceAck;
import io.highwater.proto.v1.TopicInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real broker makes of a disk that fails, rots, fills up or is slow. */
class StorageFaultsTest {
  private static final ErrorCode OK = ErrorCode.ERROR_CODE_UNSPECIFIED;

  private final BrokerFixture brokers = new BrokerFixture();
  private final FaultyStorage faults = new FaultyStorage();

  @TempDir Path data;

  @AfterEach
  void close() {
    brokers.close();
  }

  private static ProduceAck produce(TestClient client, TopicInfo topic, String value) {
    return client.produce(topic, Acks.ACKS_ALL, TestClient.batch(Codec.NONE, value));
  }

  private static PartitionRecords fetch(TestClient client, TopicInfo topic) {
    return client.fetch(topic, 0, 0);
  }

  /** A broker whose only disk failed may be gone, too. */
  private static boolean isAcknowledged(TestClient client, TopicInfo topic, String value) {
    try {
      return produce(client, topic, value).getError() == OK;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  /** STO-8: what the disk refused once is not acknowledged by a later try. */
  @Test
  void aFailedFsyncIsNeverAcknowledgedAndFinalUntilRestart() {
    HighwaterServer broker = brokers.start(data, faults.storage());
    TestClient client = brokers.client(broker);
    TopicInfo topic = client.createTopic("t", 1, Map.of("flush.policy", "group"));
    assertThat(produce(client, topic, "a").getError()).isEqualTo(OK);

    faults.failForce(
        file -> file.toString().endsWith(".log") && file.startsWith(data.resolve("t-0")));
    assertThat(isAcknowledged(client, topic, "b")).isFalse();
    faults.heal();

    for (int i = 0; i < 3; i++) {
      assertThat(isAcknowledged(client, topic, "c")).isFalse();
    }

    broker.crash();
    TestClient again = brokers.client(brokers.start(data, faults.storage()));
    await().untilAsserted(() -> assertThat(produce(again, topic, "d").getError()).isEqualTo(OK));
    // "b" reached the file: its producer was told nothing, so it may be there.
    assertThat(TestClient.values(fetch(again, topic).getRecords()))
        .startsWith("a")
        .endsWith("d")
        .doesNotContain("c");
  }

  /** STO-10: one partition is lost here, by name, and no other. */
  @Test
  void aFlippedBitThatTheScrubFindsTakesItsPartitionOfflineAlone() throws Exception {
    HighwaterServer broker = brokers.start(data, "log.scrub.interval.ms", "100");
    TestClient client = brokers.client(broker);
    Map<String, String> small = Map.of("segment.bytes", "4096", "max.message.bytes", "2048");
    TopicInfo hurt = client.createTopic("hurt", 1, small);
    TopicInfo sound = client.createTopic("sound", 1, small);
    for (int i = 0; i < 12; i++) {
      produce(client, hurt, "x".repeat(1000));
      produce(client, sound, "x".repeat(1000));
    }
    Path first = data.resolve("hurt-0/00000000000000000000.log");
    byte[] bytes = Files.readAllBytes(first);
    bytes[500] ^= 4;
    Files.write(first, bytes);

    await()
        .untilAsserted(
            () -> {
              ProduceAck refused = produce(client, hurt, "y");
              assertThat(refused.getError()).isEqualTo(ErrorCode.ERROR_CODE_KAFKA_STORAGE_ERROR);
              assertThat(refused.getErrorMessage()).contains("hurt-0", "00000000000000000000.log");
            });
    assertThat(produce(client, sound, "y").getError()).isEqualTo(OK);
    assertThat(fetch(client, sound).getError()).isEqualTo(OK);
  }

  @Test
  void healthIsNotServingWhileLogsRecover() throws Exception {
    HighwaterServer crashed = brokers.start(data);
    TestClient client = brokers.client(crashed);
    TopicInfo topic = client.createTopic("t", 2, Map.of());
    produce(client, topic, "a");
    crashed.crash();

    CountDownLatch recovering = new CountDownLatch(1);
    faults.holdLogs(recovering);
    int port = freePort();
    HighwaterServer broker =
        brokers.broker(data, faults.storage(), "listeners", "CLIENTS://127.0.0.1:" + port);
    CompletableFuture<Void> start = CompletableFuture.runAsync(broker::start);
    HealthGrpc.HealthBlockingStub health =
        HealthGrpc.newBlockingStub(brokers.channel("127.0.0.1", port)).withWaitForReady();
    HealthCheckRequest all = HealthCheckRequest.getDefaultInstance();

    assertThat(health.check(all).getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(start).isNotDone();
    recovering.countDown();

    await().until(() -> health.check(all).getStatus() == ServingStatus.SERVING);
    start.join();
    assertThat(TestClient.values(fetch(brokers.client(broker), topic).getRecords()))
        .containsExactly("a");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void aFullDiskTakesNoAppendsButServesReadsAndDeletesAndRecoversByItself() {
    HighwaterServer broker =
        brokers.start(
            data,
            faults.storage(),
            "log.dir.min.free.bytes",
            "1000000",
            "log.dir.reserved.bytes",
            "0");
    TestClient client = brokers.client(broker);
    TopicInfo topic = client.createTopic("t", 1, Map.of());
    client.createTopic("old", 1, Map.of());
    assertThat(produce(client, topic, "a").getError()).isEqualTo(OK);

    faults.free(999_999);
    await()
        .untilAsserted(
            () ->
                assertThat(produce(client, topic, "b").getError())
                    .isEqualTo(ErrorCode.ERROR_CODE_STORAGE_FULL));
    assertThat(TestClient.values(fetch(client, topic).getRecords())).startsWith("a");
    assertThat(
            catchThrowable(
                () ->
                    client
                        .admin()
                        .deleteTopic(DeleteTopicRequest.newBuilder().setName("old").build())))
        .isNull();
    await().until(() -> !Files.exists(data.resolve("old-0")));

    faults.free(1L << 40);
    await().untilAsserted(() -> assertThat(produce(client, topic, "c").getError()).isEqualTo(OK));
  }
}
