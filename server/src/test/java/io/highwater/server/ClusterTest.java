package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.client.producer.RecordMetadata;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.v1.CreateTopicRequest;
import io.highwater.proto.v1.DeleteRecordsRequest;
import io.highwater.proto.v1.DeleteRecordsResponse;
import io.highwater.proto.v1.DescribeTopicsRequest;
import io.highwater.proto.v1.PartitionInfo;
import io.highwater.proto.v1.PartitionRecords;
import io.highwater.proto.v1.PublishReceipt;
import io.highwater.proto.v1.PublishRequest;
import io.highwater.proto.v1.PublishResponse;
import io.highwater.proto.v1.Record;
import io.highwater.proto.v1.TopicInfo;
import io.highwater.server.config.HostPort;
import io.highwater.server.config.Listener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three real brokers in one JVM. */
class ClusterTest {
  private static final int BROKERS = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path data;
  private final BrokerFixture fixture = new BrokerFixture();
  private final Map<Integer, HighwaterServer> brokers = new HashMap<>();
  private final Map<Integer, FaultyStorage> disks = new HashMap<>();
  private final Map<Integer, HostPort> addresses = new HashMap<>();
  private String voters;

  @BeforeEach
  void start() throws IOException {
    voters = voters();
    List<CompletableFuture<Void>> starts = new ArrayList<>();
    for (int id = 1; id <= BROKERS; id++) {
      HighwaterServer broker = broker(id);
      starts.add(CompletableFuture.runAsync(broker::start));
    }
    starts.forEach(CompletableFuture::join);
    brokers.forEach((id, broker) -> addresses.put(id, broker.address(Listener.CLIENTS)));
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void aKilledLeaderIsReplacedAndNothingAcknowledgedIsLost() {
    TopicInfo topic = createTopic("orders");
    HighwaterServer leader = brokers.get(topic.getPartitions(0).getLeaderId());
    HighwaterServer other = brokers.get(1 + leader.nodeId() % BROKERS);
    Map<String, Long> acknowledged = new HashMap<>();

    try (Producer producer = Producer.builder().bootstrap(bootstrap()).acks(Acks.ALL).build()) {
      List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();
      for (int i = 0; i < 2_000; i++) {
        if (i == 1_000) {
          leader.crash();
        }
        sent.add(producer.send(record("v" + i)));
      }
      for (int i = 0; i < sent.size(); i++) {
        acknowledged.put("v" + i, sent.get(i).orTimeout(30, TimeUnit.SECONDS).join().offset());
      }
    }

    TopicInfo now = describe(other, "orders");
    assertThat(now.getPartitions(0).getLeaderId()).isNotEqualTo(leader.nodeId());
    assertThat(now.getPartitions(0).getLeaderEpoch()).isPositive();
    List<String> stored = readAll(now);
    assertThat(stored).hasSize(2_000).doesNotHaveDuplicates();
    acknowledged.forEach(
        (value, offset) -> assertThat(stored.get(offset.intValue())).isEqualTo(value));

    // The killed broker comes back, catches up and is in sync again.
    restart(leader.nodeId());
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(describe(other, "orders").getPartitions(0).getInSyncReplicasList())
                    .hasSize(BROKERS));
  }

  /** RET-1, KIP-107: the leader's log start rules, also for the next leader. */
  @Test
  void whatIsDeletedOnTheLeaderIsGoneOnItsFollowers() {
    TopicInfo topic = createTopic("orders");
    HighwaterServer leader = brokers.get(topic.getPartitions(0).getLeaderId());
    try (Producer producer = Producer.builder().bootstrap(bootstrap()).acks(Acks.ALL).build()) {
      for (int i = 0; i < 10; i++) {
        producer.send(record("v" + i)).join();
      }
    }

    // A follower whose whole log goes begins another segment, which takes a while on this disk.
    FaultyStorage slow = disks.get(1 + leader.nodeId() % BROKERS);
    CountDownLatch held = new CountDownLatch(1);
    slow.holdLogs(held);
    CompletableFuture<DeleteRecordsResponse> deletion =
        CompletableFuture.supplyAsync(() -> deleteRecords(leader, -1));
    await().atMost(PATIENCE).until(() -> slow.waiting() > 0);
    await().during(Duration.ofMillis(200)).until(() -> !deletion.isDone());
    held.countDown();
    DeleteRecordsResponse deleted = deletion.join();

    assertThat(ErrorCode.of(deleted.getErrorValue())).isEqualTo(ErrorCode.NONE);
    assertThat(deleted.getLogStartOffset()).isEqualTo(10);
    for (HighwaterServer broker : brokers.values()) {
      assertThat(fixture.client(broker).fetch(topic, 10, 0).getStatus().getLogStartOffset())
          .isEqualTo(10);
    }
    leader.crash();
    TestClient next = fixture.client(brokers.get(1 + leader.nodeId() % BROKERS));
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                describe(brokers.get(1 + leader.nodeId() % BROKERS), "orders")
                        .getPartitions(0)
                        .getLeaderId()
                    != leader.nodeId());
    assertThat(next.fetch(topic, 0, 0).getStatus().getLogStartOffset()).isEqualTo(10);
  }

  @Test
  void aStoppedLeaderHandsOverFirst() {
    TopicInfo topic = createTopic("orders");
    HighwaterServer leader = brokers.get(topic.getPartitions(0).getLeaderId());
    HighwaterServer other = brokers.get(1 + leader.nodeId() % BROKERS);

    leader.stop();

    PartitionInfo partition = describe(other, "orders").getPartitions(0);
    assertThat(partition.getLeaderId()).isNotEqualTo(leader.nodeId()).isPositive();
    assertThat(partition.getInSyncReplicasList()).doesNotContain(leader.nodeId());
    try (Producer producer = Producer.builder().bootstrap(bootstrap()).acks(Acks.ALL).build()) {
      assertThat(producer.send(record("x")).join().offset()).isZero();
    }
  }

  @Test
  void aLogDirectoryThatFailsGivesUpItsLeadershipsAndNothingElse() throws IOException {
    TopicInfo topic = createTopic("orders");
    HighwaterServer leader = brokers.get(topic.getPartitions(1).getLeaderId());
    HighwaterServer other = brokers.get(1 + leader.nodeId() % BROKERS);
    Path failing = directory(leader.nodeId(), "b");
    assertThat(failing.resolve("orders-1")).exists();

    Files.move(failing, data.resolve("gone"));
    Files.writeString(failing, "no directory");

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              PartitionInfo lost = describe(other, "orders").getPartitions(1);
              assertThat(lost.getLeaderId()).isPositive().isNotEqualTo(leader.nodeId());
              assertThat(lost.getInSyncReplicasList())
                  .hasSize(BROKERS - 1)
                  .doesNotContain(leader.nodeId());
            });
    assertThat(describe(leader, "orders").getPartitions(0).getInSyncReplicasList())
        .hasSize(BROKERS);
    try (Producer producer = Producer.builder().bootstrap(bootstrap()).acks(Acks.ALL).build()) {
      for (int partition = 0; partition < topic.getPartitionsCount(); partition++) {
        producer.send(record(partition, "x")).orTimeout(30, TimeUnit.SECONDS).join();
      }
    }
  }

  @Test
  void aPublicationReachesItsLeaderThroughAnyBroker() {
    createTopic("orders");
    Set<Integer> partitions = new HashSet<>();

    for (HighwaterServer broker : brokers.values()) {
      for (PublishReceipt receipt : publishThrough(broker, "orders")) {
        assertThat(receipt.getReplicas()).isGreaterThanOrEqualTo(2);
        partitions.add(receipt.getPartition());
      }
    }

    assertThat(partitions).hasSize(3);
  }

  /** Who leads in the metadata may need a moment until it does, and says so. */
  private List<PublishReceipt> publishThrough(HighwaterServer broker, String topic) {
    PublishRequest.Builder request =
        PublishRequest.newBuilder().setTopic(topic).setAcks(io.highwater.proto.v1.Acks.ACKS_ALL);
    for (int i = 0; i < 20; i++) {
      request.addRecords(
          Record.newBuilder()
              .setKey(ByteString.copyFromUtf8("k" + i))
              .setValue(ByteString.copyFromUtf8("v")));
    }
    return await()
        .atMost(PATIENCE)
        .until(
            () -> fixture.client(broker).pubSub().publish(request.build()).getReceiptsList(),
            receipts ->
                receipts.stream().allMatch(r -> ErrorCode.of(r.getErrorValue()) == ErrorCode.NONE));
  }

  /** The stream to the leader outlives the call that was the first to need it. */
  @Test
  void publicationsThroughAnotherBrokerDoNotEndEachOther() throws Exception {
    TopicInfo topic = createTopic("overlapping");
    brokers.values().forEach(broker -> publishThrough(broker, topic.getName()));
    ExecutorService callers = Executors.newFixedThreadPool(8);
    try {
      List<Future<PublishResponse>> calls = new ArrayList<>();
      for (int i = 0; i < 240; i++) {
        PublishRequest request =
            PublishRequest.newBuilder()
                .setTopic(topic.getName())
                .setAcks(io.highwater.proto.v1.Acks.ACKS_ALL)
                .addRecords(
                    Record.newBuilder()
                        .setKey(ByteString.copyFromUtf8("k" + i))
                        .setValue(ByteString.copyFromUtf8("value " + i)))
                .build();
        HighwaterServer broker = brokers.get(1 + i / 3 % 3);
        calls.add(callers.submit(() -> fixture.client(broker).pubSub().publish(request)));
      }
      for (Future<PublishResponse> call : calls) {
        PublishReceipt receipt = call.get().getReceipts(0);
        assertThat(ErrorCode.of(receipt.getErrorValue()))
            .as(receipt.getErrorMessage())
            .isEqualTo(ErrorCode.NONE);
      }
    } finally {
      callers.shutdownNow();
    }
  }

  private TopicInfo createTopic(String name) {
    HighwaterServer any = brokers.get(1);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                fixture
                        .client(any)
                        .metadata()
                        .describeTopics(DescribeTopicsRequest.getDefaultInstance())
                        .getBrokersList()
                        .stream()
                        .filter(broker -> !broker.getFenced())
                        .count()
                    == BROKERS);
    return fixture
        .client(any)
        .admin()
        .createTopic(
            CreateTopicRequest.newBuilder()
                .setName(name)
                .setPartitions(3)
                .setReplicationFactor(BROKERS)
                .putConfigs("min.insync.replicas", "2")
                .build())
        .getTopic();
  }

  private DeleteRecordsResponse deleteRecords(HighwaterServer leader, long beforeOffset) {
    return fixture
        .client(leader)
        .admin()
        .deleteRecords(
            DeleteRecordsRequest.newBuilder()
                .setTopic("orders")
                .setCurrentLeaderEpoch(-1)
                .setBeforeOffset(beforeOffset)
                .build());
  }

  private TopicInfo describe(HighwaterServer broker, String topic) {
    return fixture
        .client(broker)
        .metadata()
        .describeTopics(DescribeTopicsRequest.newBuilder().addTopics(topic).build())
        .getTopics(0);
  }

  /** All that is committed in partition 0, from its leader. */
  private List<String> readAll(TopicInfo topic) {
    TestClient client = fixture.client(brokers.get(topic.getPartitions(0).getLeaderId()));
    List<String> values = new ArrayList<>();
    PartitionRecords fetched;
    do {
      fetched = client.fetch(topic, values.size(), 0);
      assertThat(ErrorCode.of(fetched.getErrorValue())).isEqualTo(ErrorCode.NONE);
      values.addAll(TestClient.values(fetched.getRecords()));
    } while (values.size() < fetched.getStatus().getHighWatermark());
    return values;
  }

  private static ProducerRecord record(String value) {
    return record(0, value);
  }

  private static ProducerRecord record(int partition, String value) {
    return new ProducerRecord(
        "orders",
        partition,
        null,
        value.getBytes(StandardCharsets.UTF_8),
        List.of(),
        ProducerRecord.NOW);
  }

  private HighwaterServer broker(int id) {
    FaultyStorage disk = new FaultyStorage();
    disks.put(id, disk);
    HighwaterServer broker =
        new HighwaterServer(
            ServerConfig.of(
                Map.of(
                    "node.id",
                    Integer.toString(id),
                    "cluster.id",
                    "three",
                    "log.dirs",
                    directory(id, "a") + "," + directory(id, "b"),
                    "listeners",
                    "CLIENTS://127.0.0.1:0",
                    "controller.quorum.voters",
                    voters)),
            disk.storage());
    brokers.put(id, broker);
    fixture.adopt(broker);
    return broker;
  }

  private Path directory(int id, String name) {
    return data.resolve("broker-" + id).resolve(name);
  }

  private void restart(int id) {
    broker(id).start();
  }

  private String bootstrap() {
    return addresses.values().stream().map(HostPort::toString).collect(Collectors.joining(","));
  }

  private static String voters() throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < BROKERS; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return IntStream.range(0, BROKERS)
          .mapToObj(i -> (i + 1) + "@127.0.0.1:" + sockets.get(i).getLocalPort())
          .collect(Collectors.joining(","));
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }
}
