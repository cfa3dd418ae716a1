package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.highwater.client.ConnectionConfig;
import io.highwater.client.NewTopic;
import io.highwater.client.PartitionDescription;
import io.highwater.client.ReplicaLag;
import io.highwater.client.ReplicaMove;
import io.highwater.client.consumer.Consumer;
import io.highwater.client.consumer.ConsumerConfig;
import io.highwater.client.consumer.ConsumerRecord;
import io.highwater.client.consumer.CorruptRecords;
import io.highwater.client.consumer.OffsetGapException;
import io.highwater.client.consumer.OffsetReset;
import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.grpc.RecordStreams;
import io.highwater.proto.grpc.RecordsFrame;
import io.highwater.proto.grpc.TopicIds;
import io.highwater.proto.v1.Credit;
import io.highwater.proto.v1.FetchFrameKind;
import io.highwater.proto.v1.FetchPosition;
import io.highwater.proto.v1.FetchStreamRequest;
import io.highwater.proto.v1.FetchStreamResponse;
import io.highwater.server.config.Listener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Reading from a follower in the reader's rack (KIP-392), on three real brokers. */
@Timeout(120)
class FollowerFetchTest {
  private static final String TOPIC = "near";
  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

  @TempDir Path data;
  private final BrokerFixture clients = new BrokerFixture();
  private final FetchTraffic traffic = new FetchTraffic();
  private TestCluster cluster;
  private int sent;

  @BeforeEach
  void start() throws IOException {
    cluster =
        new TestCluster(
            data, 3, Map.of("broker.rack", "rack-ID", "auto.leader.rebalance.enable", "false"));
  }

  @AfterEach
  void close() {
    clients.close();
    cluster.close();
  }

  private PartitionDescription createTopic(int minInSync) {
    cluster
        .admin()
        .createTopic(
            new NewTopic(TOPIC, 1, 3, Map.of("min.insync.replicas", Integer.toString(minInSync))));
    return cluster.partition(TOPIC, 0);
  }

  private void produce(int records, Acks acks) {
    produce(IntStream.range(sent, sent + records).mapToObj(Integer::toString).toList(), acks);
    sent += records;
  }

  private void produce(List<String> values, Acks acks) {
    try (Producer producer = Producer.builder().bootstrap(cluster.bootstrap()).acks(acks).build()) {
      for (String value : values) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        producer.send(
            new ProducerRecord(TOPIC, 0, null, bytes, List.of(), ProducerRecord.NOW), null);
      }
    }
  }

  private Consumer consumerIn(int broker) {
    ConnectionConfig connection =
        ConnectionConfig.of(cluster.bootstrap()).withMetadataMaxAgeMs(500);
    Consumer consumer =
        Consumer.open(
            new ConsumerConfig(
                connection,
                OffsetReset.FAIL,
                1 << 20,
                1 << 20,
                1 << 20,
                "rack-" + broker,
                CorruptRecords.FAIL),
            traffic);
    consumer.assign(List.of(PARTITION));
    return consumer;
  }

  private long bytesFrom(int broker) {
    return traffic.bytesFrom(cluster.broker(broker).address(Listener.CLIENTS).toString());
  }

  private static List<String> numbers(int end) {
    return IntStream.range(0, end).mapToObj(Integer::toString).toList();
  }

  /** All that was sent, in order and once. */
  private void readUpTo(Consumer consumer, List<String> read) {
    await()
        .atMost(TestCluster.PATIENCE)
        .until(
            () -> {
              for (ConsumerRecord record : consumer.poll(Duration.ofMillis(100))) {
                read.add(new String(record.value(), StandardCharsets.UTF_8));
              }
              return read.size() >= sent;
            });
    assertThat(read).isEqualTo(numbers(sent));
  }

  private void awaitInSync(Integer... brokers) {
    await()
        .atMost(TestCluster.PATIENCE)
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(cluster.partition(TOPIC, 0).inSyncReplicas())
                    .containsExactlyInAnyOrder(brokers));
  }

  /** Reads until records come from this broker, whoever sent some before. */
  private void readUntilFrom(int broker, Consumer consumer, List<String> read) {
    long before = bytesFrom(broker);
    await()
        .atMost(TestCluster.PATIENCE)
        .until(
            () -> {
              produce(10, Acks.ALL);
              readUpTo(consumer, read);
              return bytesFrom(broker) > before;
            });
  }

  @Test
  void aConsumerReadsFromTheFollowerInItsRackThroughChangesOfLeaderAndFollower() {
    List<Integer> replicas = createTopic(2).replicas();
    int leader = replicas.get(0);
    int next = replicas.get(1);
    int near = replicas.get(2);
    produce(500, Acks.ALL);
    List<String> read = new ArrayList<>();
    try (Consumer consumer = consumerIn(near)) {
      consumer.seekToBeginning(List.of(PARTITION));
      readUpTo(consumer, read);
      produce(500, Acks.ALL);
      readUpTo(consumer, read);
      assertThat(bytesFrom(near)).isPositive();
      assertThat(bytesFrom(leader) + bytesFrom(next)).isZero();
      await().until(() -> consumer.isCaughtUp(PARTITION));

      cluster.broker(leader).crash();
      produce(500, Acks.ALL);
      readUpTo(consumer, read);
      readUntilFrom(near, consumer, read);
      cluster.restart(leader);
      awaitInSync(leader, next, near);

      cluster.broker(near).close();
      produce(500, Acks.ALL);
      readUpTo(consumer, read);
      cluster.restart(near);
      awaitInSync(leader, next, near);
      readUntilFrom(near, consumer, read);
    }
  }

  @Test
  void anOffsetThatNeverWasIsAnErrorOfTheLeaderAlsoForWhoReadsFromAFollower() {
    int near = createTopic(2).replicas().get(1);
    produce(10, Acks.ALL);
    try (Consumer consumer = consumerIn(near)) {
      consumer.seek(PARTITION, 11);
      ThrowingCallable reads =
          () -> await().until(() -> !consumer.poll(Duration.ofSeconds(1)).isEmpty());
      assertThat(catchThrowable(reads)).isInstanceOf(OffsetGapException.class);
    }
  }

  @Test
  void aFollowerSendsWhatIsCommittedToThoseWhoAskForItAndWaitsForTheRest()
      throws InterruptedException {
    PartitionDescription partition = createTopic(3);
    int leader = partition.leaderId();
    int follower = partition.replicas().get(1);
    int other = partition.replicas().get(2);
    produce(10, Acks.ALL);
    cluster.broker(other).crash();
    awaitInSync(leader, follower);
    produce(5, Acks.LEADER); // Below min.insync.replicas: on two brokers, and not committed.
    await()
        .atMost(TestCluster.PATIENCE)
        .untilAsserted(
            () ->
                assertThat(cluster.admin().describeReplicas(PARTITION))
                    .filteredOn(replica -> replica.nodeId() == follower)
                    .extracting(ReplicaLag::logEndOffset)
                    .containsExactly(15L));
    ByteString topicId = TopicIds.toBytes(cluster.admin().describeTopic(TOPIC).topicId());
    FetchPosition.Builder position =
        FetchPosition.newBuilder()
            .setTopicId(topicId)
            .setCurrentLeaderEpoch(cluster.partition(TOPIC, 0).leaderEpoch())
            .setLastFetchedEpoch(-1);

    Frames unasked = new Frames(follower, position.build());
    assertThat(unasked.nextError()).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);

    position.setFromFollower(true);
    Frames early = new Frames(follower, position.clone().setCurrentLeaderEpoch(99).build());
    assertThat(early.nextError()).isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH);

    Frames all = new Frames(follower, position.build());
    Frames uncommitted = new Frames(follower, position.clone().setFetchOffset(12).build());
    Frames beyond = new Frames(follower, position.clone().setFetchOffset(16).build());
    Frames foreign =
        new Frames(follower, position.clone().setFetchOffset(5).setLastFetchedEpoch(77).build());
    assertThat(foreign.nextError()).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
    List<String> read = new ArrayList<>();
    while (read.size() < 10) {
      read.addAll(all.nextValues());
    }
    // Once this one is sent away, the others have been looked at as well.
    assertThat(beyond.nextError()).isEqualTo(ErrorCode.OFFSET_NOT_AVAILABLE);
    assertThat(read).isEqualTo(numbers(10));
    assertThat(all.came).as("REP-6, FEN-2: nothing above, no claim").isEmpty();
    FetchStreamResponse told = uncommitted.next().head();
    assertThat(told.getKind()).isEqualTo(FetchFrameKind.FETCH_FRAME_KIND_WATERMARK);
    assertThat(told.getStatus().getHighWatermark()).isEqualTo(10);
    assertThat(uncommitted.came).isEmpty();

    cluster.restart(other);
    while (read.size() < 15) {
      read.addAll(all.nextValues());
    }
    assertThat(read).isEqualTo(numbers(15));
    assertThat(uncommitted.nextValues()).contains("12").doesNotContain("9");
  }

  @Test
  void aFollowerThatIsNotInSyncSendsTheReaderToTheLeader() throws InterruptedException {
    cluster
        .admin()
        .createTopic(
            new NewTopic(TOPIC, 1, 1, Map.of("leader.replication.throttled.rate", "1024")));
    int leader = cluster.partition(TOPIC, 0).leaderId();
    int follower = 1 + leader % 3;
    produce(Collections.nCopies(60, "x".repeat(50_000)), Acks.ALL);
    cluster
        .admin()
        .reassign(List.of(new ReplicaMove(PARTITION, List.of(), List.of(follower))), false, false);
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> cluster.dataOf(follower).resolve(TOPIC + "-0").toFile().isDirectory());

    Frames refused =
        new Frames(
            follower,
            FetchPosition.newBuilder()
                .setTopicId(TopicIds.toBytes(cluster.admin().describeTopic(TOPIC).topicId()))
                .setCurrentLeaderEpoch(-1)
                .setLastFetchedEpoch(-1)
                .setFromFollower(true)
                .build());

    FetchStreamResponse refusal = refused.next().head();
    assertThat(ErrorCode.of(refusal.getErrorValue())).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
    assertThat(refusal.getLeader().getNodeId()).isEqualTo(leader);
  }

  /** What a broker sends of one position. */
  private final class Frames implements StreamObserver<RecordsFrame<FetchStreamResponse>> {
    private final BlockingQueue<RecordsFrame<FetchStreamResponse>> came =
        new LinkedBlockingQueue<>();

    Frames(int broker, FetchPosition position) {
      StreamObserver<FetchStreamRequest> stream =
          ClientCalls.asyncBidiStreamingCall(
              clients
                  .client(cluster.broker(broker))
                  .channel()
                  .newCall(RecordStreams.FETCH, CallOptions.DEFAULT),
              this);
      stream.onNext(
          FetchStreamRequest.newBuilder().setCredit(Credit.newBuilder().setBytes(1 << 20)).build());
      stream.onNext(FetchStreamRequest.newBuilder().setPosition(position).build());
    }

    RecordsFrame<FetchStreamResponse> next() throws InterruptedException {
      RecordsFrame<FetchStreamResponse> frame = came.poll(30, TimeUnit.SECONDS);
      assertThat(frame).as("the next frame").isNotNull();
      return frame;
    }

    ErrorCode nextError() throws InterruptedException {
      return ErrorCode.of(next().head().getErrorValue());
    }

    List<String> nextValues() throws InterruptedException {
      RecordsFrame<FetchStreamResponse> frame = next();
      assertThat(frame.head().getKind()).isEqualTo(FetchFrameKind.FETCH_FRAME_KIND_BATCH);
      return TestClient.values(ByteString.copyFrom(frame.records()));
    }

    @Override
    public void onNext(RecordsFrame<FetchStreamResponse> frame) {
      came.add(frame);
    }

    @Override
    public void onError(Throwable failure) {
      // A test that goes on to wait for frames fails there.
    }

    @Override
    public void onCompleted() {
      // As above.
    }
  }
}
