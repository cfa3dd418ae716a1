package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.grpc.RecordStreams;
import io.highwater.proto.grpc.RecordsFrame;
import io.highwater.proto.grpc.StatusMapper;
import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.Codec;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.DeleteRecordsRequest;
import io.highwater.proto.v1.DeleteTopicRequest;
import io.highwater.proto.v1.ErrorCode;
import io.highwater.proto.v1.ListOffsetsRequest;
import io.highwater.proto.v1.OffsetQuery;
import io.highwater.proto.v1.OffsetSpec;
import io.highwater.proto.v1.Outcome;
import io.highwater.proto.v1.PartitionBatch;
import io.highwater.proto.v1.ProduceAck;
import io.highwater.proto.v1.ProduceRequest;
import io.highwater.proto.v1.ProduceStreamRequest;
import io.highwater.proto.v1.ProduceStreamResponse;
import io.highwater.proto.v1.PubSubServiceGrpc;
import io.highwater.proto.v1.PublishReceipt;
import io.highwater.proto.v1.PublishRequest;
import io.highwater.proto.v1.PublishStreamRequest;
import io.highwater.proto.v1.PublishStreamResponse;
import io.highwater.proto.v1.Record;
import io.highwater.proto.v1.TopicInfo;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ACK-2, ACK-3: what clients are told of their appends, path by path, and in which order. */
class OutcomesTest {
  private static final Map<String, String> FLUSHED = Map.of("flush.policy", "group");

  private final BrokerFixture brokers = new BrokerFixture();
  private final FaultyStorage faults = new FaultyStorage();
  private final CountDownLatch disk = new CountDownLatch(1);
  private TestClient client;

  @TempDir Path data;

  @BeforeEach
  void start() {
    client =
        brokers.client(
            brokers.start(data, faults.storage(), "produce.stream.window.bytes", "65536"));
  }

  @AfterEach
  void close() {
    disk.countDown();
    brokers.close();
  }

  /** From now on no append reaches the disk before the latch is down. */
  private void holdDisk() {
    faults.failForce(
        file -> {
          if (file.toString().endsWith(".log")) {
            awaitDisk();
          }
          return false;
        });
  }

  private void awaitDisk() {
    try {
      disk.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void assertTold(ProduceAck ack, ErrorCode error, Outcome outcome) {
    assertThat(ack.getError()).as(ack.getErrorMessage()).isEqualTo(error);
    assertThat(ack.getOutcome()).as(ack.getErrorMessage()).isEqualTo(outcome);
  }

  private ProduceAck produce(TopicInfo topic, ByteString batch) {
    return client.produce(topic, Acks.ACKS_ALL, batch);
  }

  private static ByteString produced(int sequence) {
    BatchBuilder builder = new BatchBuilder(Codec.NONE, 1 << 10);
    builder.producer(77, (short) 0, sequence);
    builder.append(1_000, null, new byte[1], List.of());
    return ByteString.copyFrom(builder.build());
  }

  private static ByteString damaged() {
    byte[] bytes = TestClient.batch(Codec.NONE, "damaged").toByteArray();
    bytes[bytes.length - 1] ^= 1;
    return ByteString.copyFrom(bytes);
  }

  @Test
  void whatIsDoneIsDoneAlsoForWhoRepeatsIt() {
    TopicInfo topic = client.createTopic("t", 1, Map.of());
    assertTold(produce(topic, produced(0)), ErrorCode.ERROR_CODE_UNSPECIFIED, Outcome.OUTCOME_DONE);
    ProduceAck repeat = produce(topic, produced(0));
    assertTold(repeat, ErrorCode.ERROR_CODE_UNSPECIFIED, Outcome.OUTCOME_DONE);
    assertThat(repeat.getDuplicate()).isTrue();
    for (Acks acks : List.of(Acks.ACKS_NONE, Acks.ACKS_LEADER)) {
      assertTold(
          client.produce(topic, acks, TestClient.batch(Codec.NONE, "x")),
          ErrorCode.ERROR_CODE_UNSPECIFIED,
          Outcome.OUTCOME_DONE);
    }
  }

  @Test
  void whatIsRefusedBeforeTheAppendIsDefinite() {
    TopicInfo topic = client.createTopic("t", 1, Map.of("max.message.bytes", "1024"));
    ByteString batch = TestClient.batch(Codec.NONE, "x");
    assertTold(
        client.produce(
            Acks.ACKS_ALL,
            PartitionBatch.newBuilder().setTopicId(topic.getTopicId()).setPartition(9)),
        ErrorCode.ERROR_CODE_UNKNOWN_TOPIC_OR_PARTITION,
        Outcome.OUTCOME_REFUSED);
    assertTold(
        client.produce(Acks.ACKS_ALL, PartitionBatch.newBuilder().setTopic("nope")),
        ErrorCode.ERROR_CODE_UNKNOWN_TOPIC_OR_PARTITION,
        Outcome.OUTCOME_REFUSED);
    assertTold(
        client.produce(
            Acks.ACKS_ALL,
            PartitionBatch.newBuilder()
                .setTopicId(topic.getTopicId())
                .setLeaderEpoch(99)
                .setRecords(batch)),
        ErrorCode.ERROR_CODE_UNKNOWN_LEADER_EPOCH,
        Outcome.OUTCOME_REFUSED);
    assertTold(
        produce(topic, damaged()), ErrorCode.ERROR_CODE_CORRUPT_MESSAGE, Outcome.OUTCOME_REFUSED);
    assertTold(
        produce(topic, TestClient.batch(Codec.NONE, "x".repeat(2_000))),
        ErrorCode.ERROR_CODE_MESSAGE_TOO_LARGE,
        Outcome.OUTCOME_REFUSED);
    assertTold(
        produce(topic, produced(5)),
        ErrorCode.ERROR_CODE_UNKNOWN_PRODUCER_ID,
        Outcome.OUTCOME_REFUSED);
    faults.free(0);
    await()
        .untilAsserted(
            () ->
                assertTold(
                    produce(topic, batch),
                    ErrorCode.ERROR_CODE_STORAGE_FULL,
                    Outcome.OUTCOME_REFUSED));
  }

  @Test
  void aRepeatOfWhatIsNotRememberedMayBeThere() {
    TopicInfo topic = client.createTopic("t", 1, Map.of());
    for (int sequence = 0; sequence < 7; sequence++) {
      produce(topic, produced(sequence));
    }
    assertTold(
        produce(topic, produced(0)),
        ErrorCode.ERROR_CODE_DUPLICATE_SEQUENCE_NUMBER,
        Outcome.OUTCOME_UNKNOWN);
    assertTold(
        produce(topic, produced(9)),
        ErrorCode.ERROR_CODE_OUT_OF_ORDER_SEQUENCE_NUMBER,
        Outcome.OUTCOME_REFUSED);
  }

  @Test
  void whatIsAppendedAndOutOfTimeMayBeThere() {
    TopicInfo topic = client.createTopic("t", 1, FLUSHED);
    holdDisk();
    ProduceAck ack =
        client
            .produce()
            .produce(
                ProduceRequest.newBuilder()
                    .setAcks(Acks.ACKS_ALL)
                    .setTimeoutMs(50)
                    .addBatches(
                        PartitionBatch.newBuilder()
                            .setTopicId(topic.getTopicId())
                            .setLeaderEpoch(-1)
                            .setRecords(TestClient.batch(Codec.NONE, "x")))
                    .build())
            .getAcks(0);
    assertTold(ack, ErrorCode.ERROR_CODE_REQUEST_TIMED_OUT, Outcome.OUTCOME_UNKNOWN);
  }

  @Test
  void whatWaitsWhenItsTopicGoesMayHaveBeenThere() {
    TopicInfo topic = client.createTopic("t", 1, FLUSHED);
    holdDisk();
    CompletableFuture<ProduceAck> ack =
        CompletableFuture.supplyAsync(() -> produce(topic, produced(0)));
    CompletableFuture<PublishReceipt> receipt =
        CompletableFuture.supplyAsync(() -> publish("t", value("x")).get(0));
    awaitWaiting(topic, 2);
    CompletableFuture<Void> deletion =
        CompletableFuture.runAsync(
            () -> client.admin().deleteTopic(DeleteTopicRequest.newBuilder().setName("t").build()));
    assertTold(ack.join(), ErrorCode.ERROR_CODE_NOT_LEADER_OR_FOLLOWER, Outcome.OUTCOME_UNKNOWN);
    assertThat(receipt.join().getError()).isEqualTo(ErrorCode.ERROR_CODE_NOT_LEADER_OR_FOLLOWER);
    assertThat(receipt.join().getOutcome()).isEqualTo(Outcome.OUTCOME_UNKNOWN);
    disk.countDown();
    deletion.join();
  }

  private void awaitWaiting(TopicInfo topic, long logEnd) {
    await()
        .untilAsserted(
            () ->
                assertThat(client.fetch().listOffsets(logEndOf(topic)).getAnswers(0).getOffset())
                    .isEqualTo(logEnd));
  }

  private static ListOffsetsRequest logEndOf(TopicInfo topic) {
    return ListOffsetsRequest.newBuilder()
        .addQueries(
            OffsetQuery.newBuilder()
                .setTopic(topic.getName())
                .setCurrentLeaderEpoch(-1)
                .setSpec(OffsetSpec.OFFSET_SPEC_LOG_END))
        .build();
  }

  /** STO-8: the bytes are in the file, the disk has failed. */
  @Test
  void whatIsAppendedWhenTheDiskFailsMayBeThere() {
    TopicInfo topic = client.createTopic("t", 1, FLUSHED);
    faults.failForce(file -> file.toString().endsWith(".log"));
    assertThat(produce(topic, produced(0)).getOutcome()).isEqualTo(Outcome.OUTCOME_UNKNOWN);
  }

  @Test
  void callsThatFailAsAWholeSayItInATrailer() {
    client.createTopic("t", 1, Map.of());
    assertThatThrownBy(() -> client.createTopic("t", 1, Map.of()))
        .satisfies(e -> assertThat(refused(e)).isEqualTo("TOPIC_ALREADY_EXISTS"));
    assertThatThrownBy(() -> publish("nope", value("x")))
        .satisfies(e -> assertThat(refused(e)).isEqualTo("UNKNOWN_TOPIC_OR_PARTITION"));
    assertThat(
            client
                .admin()
                .deleteRecords(
                    DeleteRecordsRequest.newBuilder()
                        .setTopic("t")
                        .setCurrentLeaderEpoch(-1)
                        .setBeforeOffset(99)
                        .build())
                .getOutcome())
        .isEqualTo(Outcome.OUTCOME_REFUSED);
  }

  private static String refused(Throwable failure) {
    HighwaterException named = StatusMapper.fromThrowable(failure);
    assertThat(named.outcome()).isEqualTo(io.highwater.proto.Outcome.REFUSED);
    return named.code().name();
  }

  // ---- Publish

  private static Record.Builder value(String value) {
    return Record.newBuilder().setValue(ByteString.copyFromUtf8(value));
  }

  private List<PublishReceipt> publish(String topic, Record.Builder... records) {
    PublishRequest.Builder request = PublishRequest.newBuilder().setTopic(topic);
    for (Record.Builder record : records) {
      request.addRecords(record);
    }
    return client.pubSub().publish(request.build()).getReceiptsList();
  }

  @Test
  void aNegativePartitionIsNoPartition() {
    client.createTopic("t", 2, Map.of());
    for (int partition : new int[] {-1, Integer.MIN_VALUE}) {
      assertThatThrownBy(
              () ->
                  client
                      .pubSub()
                      .publish(
                          PublishRequest.newBuilder()
                              .setTopic("t")
                              .setPartition(partition)
                              .addRecords(value("x"))
                              .build()))
          .satisfies(e -> assertThat(refused(e)).isEqualTo("INVALID_REQUEST"));
    }
  }

  @Test
  void aRecordThatIsRefusedTakesNoOtherWithIt() {
    client.createTopic("t", 1, Map.of("max.message.bytes", "1024"));
    List<PublishReceipt> receipts =
        publish(
            "t",
            value("sound"),
            value("from the far future").setTimestamp(Long.MAX_VALUE),
            value("before time").setTimestamp(-5),
            value("x".repeat(2_000)),
            value("sound, too"));
    assertThat(receipts)
        .extracting(PublishReceipt::getError, PublishReceipt::getOutcome)
        .containsExactly(
            tuple(ErrorCode.ERROR_CODE_UNSPECIFIED, Outcome.OUTCOME_DONE),
            tuple(ErrorCode.ERROR_CODE_INVALID_TIMESTAMP, Outcome.OUTCOME_REFUSED),
            tuple(ErrorCode.ERROR_CODE_INVALID_TIMESTAMP, Outcome.OUTCOME_REFUSED),
            tuple(ErrorCode.ERROR_CODE_MESSAGE_TOO_LARGE, Outcome.OUTCOME_REFUSED),
            tuple(ErrorCode.ERROR_CODE_UNSPECIFIED, Outcome.OUTCOME_DONE));
    assertThat(receipts.get(4).getOffset()).isEqualTo(1);

    client.createTopic("compacted", 1, Map.of("cleanup.policy", "compact"));
    assertThat(
            publish(
                "compacted", value("keyed").setKey(ByteString.copyFromUtf8("k")), value("keyless")))
        .extracting(PublishReceipt::getError)
        .containsExactly(ErrorCode.ERROR_CODE_UNSPECIFIED, ErrorCode.ERROR_CODE_INVALID_RECORD);
  }

  /** The difference to an old timestamp takes more bytes than none does. */
  @Test
  void sizesAreReckonedWithTheTimestampThatIsStored() {
    client.createTopic("t", 1, Map.of("max.message.bytes", "1024"));
    for (int length = 920; length < 955; length++) {
      assertThat(publish("t", value("x".repeat(length)).setTimestamp(1), value("0123456789")))
          .as("beside a record of %s bytes", length)
          .extracting(PublishReceipt::getError)
          .containsOnly(ErrorCode.ERROR_CODE_UNSPECIFIED);
    }
  }

  // ---- Order

  private static RecordsFrame<ProduceStreamRequest> frame(
      TopicInfo topic, int partition, long id, ByteString batch) {
    return RecordsFrame.of(
        ProduceStreamRequest.newBuilder()
            .setCorrelationId(id)
            .setTopicId(topic.getTopicId())
            .setPartition(partition)
            .setLeaderEpoch(-1)
            .setAcks(Acks.ACKS_ALL)
            .build(),
        ByteBuffer.wrap(batch.toByteArray()),
        () -> {});
  }

  @Test
  void onAStreamARefusalDoesNotOvertakeTheAnswersBeforeIt() {
    TopicInfo topic = client.createTopic("t", 2, FLUSHED);
    holdDisk();
    List<Long> told = new CopyOnWriteArrayList<>();
    StreamObserver<RecordsFrame<ProduceStreamRequest>> stream =
        ClientCalls.asyncBidiStreamingCall(
            client.channel().newCall(RecordStreams.PRODUCE, CallOptions.DEFAULT),
            new Heard<ProduceStreamResponse>() {
              @Override
              public void onNext(ProduceStreamResponse reply) {
                if (reply.hasAck()) {
                  told.add(reply.getAck().getCorrelationId());
                }
              }
            });
    stream.onNext(frame(topic, 0, 1, TestClient.batch(Codec.NONE, "held")));
    stream.onNext(frame(topic, 0, 2, damaged()));
    stream.onNext(frame(topic, 0, 3, ByteString.EMPTY));
    stream.onNext(frame(topic, 1, 4, damaged()));
    await().untilAsserted(() -> assertThat(told).contains(4L));
    assertThat(told).containsExactly(4L);
    disk.countDown();
    await().untilAsserted(() -> assertThat(told).containsExactly(4L, 1L, 2L, 3L));
    stream.onCompleted();
  }

  @Test
  void whatHasNoBytesCountsAgainstTheCreditAllTheSame() {
    TopicInfo topic = client.createTopic("t", 1, FLUSHED);
    holdDisk();
    Heard<ProduceStreamResponse> heard = new Heard<>();
    StreamObserver<RecordsFrame<ProduceStreamRequest>> stream =
        ClientCalls.asyncBidiStreamingCall(
            client.channel().newCall(RecordStreams.PRODUCE, CallOptions.DEFAULT), heard);
    stream.onNext(frame(topic, 0, 0, TestClient.batch(Codec.NONE, "held")));
    long id = 0;
    while (heard.failure == null && id < 2_000) {
      stream.onNext(frame(topic, 0, ++id, ByteString.EMPTY));
    }
    await().untilAsserted(() -> assertThat(heard.failure).isNotNull());
    assertThat(StatusMapper.fromThrowable(heard.failure).code())
        .isEqualTo(io.highwater.proto.ErrorCode.INVALID_REQUEST);
  }

  @Test
  void aPublishStreamEndsOverABadRequestAfterTheRepliesBeforeIt() {
    client.createTopic("t", 1, FLUSHED);
    holdDisk();
    List<String> told = new CopyOnWriteArrayList<>();
    StreamObserver<PublishStreamRequest> stream =
        PubSubServiceGrpc.newStub(client.channel())
            .publishStream(
                new Heard<PublishStreamResponse>() {
                  @Override
                  public void onNext(PublishStreamResponse reply) {
                    told.add(reply.getPublished().getReceipts(0).getOutcome().name());
                  }

                  @Override
                  public void onError(Throwable failed) {
                    told.add(refused(failed));
                  }
                });
    PublishRequest good =
        PublishRequest.newBuilder().setTopic("t").addRecords(value("held")).build();
    stream.onNext(PublishStreamRequest.newBuilder().setPublish(good).build());
    stream.onNext(
        PublishStreamRequest.newBuilder().setPublish(good.toBuilder().setPartition(-1)).build());
    // On the same connection: when it is answered, what was sent before has come.
    assertThatThrownBy(() -> publish("nope", value("x"))).isInstanceOf(RuntimeException.class);
    assertThat(told).isEmpty();
    disk.countDown();
    await()
        .untilAsserted(() -> assertThat(told).containsExactly("OUTCOME_DONE", "INVALID_REQUEST"));
  }

  /** What came on a stream. */
  private static class Heard<T> implements StreamObserver<T> {
    private volatile Throwable failure;

    @Override
    public void onNext(T reply) {}

    @Override
    public void onError(Throwable failed) {
      failure = failed;
    }

    @Override
    public void onCompleted() {}
  }
}
