package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.highwater.client.consumer.Consumer;
import io.highwater.client.consumer.ConsumerRecord;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.grpc.RecordStreams;
import io.highwater.proto.grpc.RecordsFrame;
import io.highwater.proto.grpc.StatusMapper;
import io.highwater.proto.record.Codec;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.Credit;
import io.highwater.proto.v1.DeleteTopicRequest;
import io.highwater.proto.v1.FetchFrameKind;
import io.highwater.proto.v1.FetchPosition;
import io.highwater.proto.v1.FetchRequest;
import io.highwater.proto.v1.FetchStop;
import io.highwater.proto.v1.FetchStreamRequest;
import io.highwater.proto.v1.FetchStreamResponse;
import io.highwater.proto.v1.ListOffsetsRequest;
import io.highwater.proto.v1.OffsetAnswer;
import io.highwater.proto.v1.OffsetQuery;
import io.highwater.proto.v1.OffsetSpec;
import io.highwater.proto.v1.PartitionBatch;
import io.highwater.proto.v1.ProduceRequest;
import io.highwater.proto.v1.ProduceServiceGrpc;
import io.highwater.proto.v1.ProduceStreamRequest;
import io.highwater.proto.v1.ProduceStreamResponse;
import io.highwater.proto.v1.PubSubServiceGrpc;
import io.highwater.proto.v1.PublishRequest;
import io.highwater.proto.v1.Record;
import io.highwater.proto.v1.TopicInfo;
import io.highwater.server.config.Listener;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The produce and fetch streams: hello, credit, order, signals. */
class StreamsTest {
  private static final int WINDOW_BYTES = 1 << 16;
  private static final BrokerFixture BROKERS = new BrokerFixture();

  @TempDir static Path data;
  private static HighwaterServer broker;
  private static TestClient client;
  private TopicInfo topic;

  @BeforeAll
  static void start() {
    broker = BROKERS.start(data, "produce.stream.window.bytes", Integer.toString(WINDOW_BYTES));
    client = BROKERS.client(broker);
  }

  @AfterAll
  static void close() {
    BROKERS.close();
  }

  @BeforeEach
  void createTopic(TestInfo test) {
    topic = client.createTopic(test.getTestMethod().orElseThrow().getName(), 2, Map.of());
  }

  @Test
  void theBrokerSpeaksFirstAndAcksKeepTheOrderOfAPartition() throws InterruptedException {
    Frames<ProduceStreamResponse> replies = new Frames<>();
    StreamObserver<RecordsFrame<ProduceStreamRequest>> stream = produceStream(replies);
    ProduceStreamResponse hello = replies.next();
    assertThat(hello.getHello().getNodeId()).isEqualTo(1);
    assertThat(hello.getHello().getClusterId()).isEqualTo(broker.clusterId());
    assertThat(hello.getHello().getCredit().getBytes()).isEqualTo(WINDOW_BYTES);

    for (int i = 0; i < 100; i++) {
      stream.onNext(batch(i, i % 2, "v" + i));
    }
    stream.onCompleted();

    long[] nextOffset = new long[2];
    for (int i = 0; i < 100; ) {
      ProduceStreamResponse reply = replies.next();
      if (reply.hasAck()) {
        assertThat(ErrorCode.of(reply.getAck().getErrorValue())).isEqualTo(ErrorCode.NONE);
        assertThat(reply.getAck().getCorrelationId()).isEqualTo(i);
        assertThat(reply.getAck().getBaseOffset()).isEqualTo(nextOffset[i % 2]++);
        i++;
      }
    }
    replies.awaitEnd();
  }

  @Test
  void answeredBatchesAreGrantedAnewSoAStreamGoesOnForEver() throws InterruptedException {
    Frames<ProduceStreamResponse> replies = new Frames<>();
    StreamObserver<RecordsFrame<ProduceStreamRequest>> stream = produceStream(replies);
    long credit = replies.next().getHello().getCredit().getBytes();
    String value = "x".repeat(10_000);
    long sent = 0;
    for (int i = 0; sent < 5 * WINDOW_BYTES; i++) {
      RecordsFrame<ProduceStreamRequest> batch = batch(i, 0, value);
      while (sent >= credit) {
        ProduceStreamResponse reply = replies.next();
        credit = Math.max(credit, reply.getCredit().getBytes());
      }
      sent += batch.records().remaining();
      stream.onNext(batch);
    }
    assertThat(credit).isGreaterThan(4 * WINDOW_BYTES);
    stream.onCompleted();
  }

  @Test
  void aFetchStreamPushesWithinItsCreditAndSaysWhenItIsCaughtUp() throws InterruptedException {
    for (int i = 0; i < 10; i++) {
      client.produce(topic, Acks.ACKS_ALL, TestClient.batch(Codec.NONE, "v" + i));
    }
    Frames<RecordsFrame<FetchStreamResponse>> frames = new Frames<>();
    StreamObserver<FetchStreamRequest> stream = fetchStream(frames);
    stream.onNext(position(TestClient.position(topic, 0, 0).toBuilder().setMaxBytes(100).build()));
    // Without credit only the high watermark comes.
    FetchStreamResponse watermark = frames.next().head();
    assertThat(watermark.getKind()).isEqualTo(FetchFrameKind.FETCH_FRAME_KIND_WATERMARK);
    assertThat(watermark.getStatus().getHighWatermark()).isEqualTo(10);

    stream.onNext(credit(1 << 20));
    List<String> values = new ArrayList<>();
    RecordsFrame<FetchStreamResponse> frame = frames.next();
    while (frame.head().getKind() == FetchFrameKind.FETCH_FRAME_KIND_BATCH) {
      values.addAll(TestClient.values(ByteString.copyFrom(frame.records())));
      frame = frames.next();
    }
    assertThat(values).hasSize(10).startsWith("v0", "v1").endsWith("v9");
    assertThat(frame.head().getKind()).isEqualTo(FetchFrameKind.FETCH_FRAME_KIND_CAUGHT_UP);

    client.produce(topic, Acks.ACKS_ALL, TestClient.batch(Codec.NONE, "new"));
    assertThat(TestClient.values(ByteString.copyFrom(frames.next().records())))
        .containsExactly("new");
    assertThat(frames.next().head().getKind()).isEqualTo(FetchFrameKind.FETCH_FRAME_KIND_CAUGHT_UP);

    stream.onNext(
        FetchStreamRequest.newBuilder()
            .setStop(FetchStop.newBuilder().setTopicId(topic.getTopicId()).setPartition(0))
            .build());
    client.produce(topic, Acks.ACKS_ALL, TestClient.batch(Codec.NONE, "unseen"));
    stream.onCompleted();
    frames.awaitEnd();
  }

  @Test
  void aPartitionThatCannotBeServedEndsAloneAndTheStreamGoesOn() throws InterruptedException {
    Frames<RecordsFrame<FetchStreamResponse>> frames = new Frames<>();
    StreamObserver<FetchStreamRequest> stream = fetchStream(frames);
    stream.onNext(credit(1 << 20));
    stream.onNext(position(TestClient.position(topic, 0, 77)));
    assertThat(ErrorCode.of(frames.next().head().getErrorValue()))
        .isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
    stream.onNext(
        position(TestClient.position(topic, 0, 0).toBuilder().setCurrentLeaderEpoch(9).build()));
    assertThat(ErrorCode.of(frames.next().head().getErrorValue()))
        .isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH);

    stream.onNext(position(TestClient.position(topic, 1, 0)));
    assertThat(frames.next().head().getKind()).isEqualTo(FetchFrameKind.FETCH_FRAME_KIND_CAUGHT_UP);
    stream.onCompleted();
  }

  @Test
  void aDeletedTopicEndsItsSubscriptions() throws InterruptedException {
    Frames<RecordsFrame<FetchStreamResponse>> frames = new Frames<>();
    StreamObserver<FetchStreamRequest> stream = fetchStream(frames);
    stream.onNext(credit(1 << 20));
    stream.onNext(position(TestClient.position(topic, 0, 0)));
    assertThat(frames.next().head().getKind()).isEqualTo(FetchFrameKind.FETCH_FRAME_KIND_CAUGHT_UP);

    client.admin().deleteTopic(DeleteTopicRequest.newBuilder().setName(topic.getName()).build());

    assertThat(ErrorCode.of(frames.next().head().getErrorValue()))
        .isEqualTo(ErrorCode.UNKNOWN_TOPIC_ID);
    stream.onCompleted();
  }

  @Test
  void aNegativePartitionIsRefusedByName() throws InterruptedException {
    for (boolean stop : new boolean[] {false, true}) {
      Frames<RecordsFrame<FetchStreamResponse>> frames = new Frames<>();
      StreamObserver<FetchStreamRequest> stream = fetchStream(frames);
      stream.onNext(
          stop
              ? FetchStreamRequest.newBuilder()
                  .setStop(FetchStop.newBuilder().setTopicId(topic.getTopicId()).setPartition(-7))
                  .build()
              : position(TestClient.position(topic, -7, 0)));

      assertThat(StatusMapper.fromThrowable(frames.failure()).code())
          .isEqualTo(ErrorCode.INVALID_REQUEST);
    }
  }

  /** It is answered in one turn of a loop that others wait for. */
  @Test
  void aRequestOfTooManyThingsIsRefused() {
    FetchRequest.Builder fetch = FetchRequest.newBuilder();
    ListOffsetsRequest.Builder list = ListOffsetsRequest.newBuilder();
    ProduceRequest.Builder produce = ProduceRequest.newBuilder().setAcks(Acks.ACKS_ALL);
    PublishRequest.Builder publish = PublishRequest.newBuilder().setTopic(topic.getName());
    for (int i = 0; i <= 200_000; i++) {
      fetch.addPositions(FetchPosition.getDefaultInstance());
      list.addQueries(OffsetQuery.getDefaultInstance());
      produce.addBatches(PartitionBatch.getDefaultInstance());
      publish.addRecords(Record.getDefaultInstance());
    }
    Channel channel = client.channel();
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> client.fetch().fetch(fetch.build()),
            () -> client.fetch().listOffsets(list.build()),
            () -> ProduceServiceGrpc.newBlockingStub(channel).produce(produce.build()),
            () -> PubSubServiceGrpc.newBlockingStub(channel).publish(publish.build()))) {
      assertThatThrownBy(call)
          .satisfies(
              e ->
                  assertThat(StatusMapper.fromThrowable(e))
                      .returns(ErrorCode.INVALID_REQUEST, HighwaterException::code)
                      .hasMessageContaining("at most"));
    }
  }

  @Test
  void offsetsAreToldByPositionAndByTime() {
    client.produce(topic, Acks.ACKS_ALL, TestClient.batch(Codec.NONE, "a", "b"));

    assertThat(offset(OffsetSpec.OFFSET_SPEC_EARLIEST, 0).getOffset()).isZero();
    assertThat(offset(OffsetSpec.OFFSET_SPEC_LATEST, 0).getOffset()).isEqualTo(2);
    assertThat(offset(OffsetSpec.OFFSET_SPEC_LOG_END, 0).getOffset()).isEqualTo(2);
    assertThat(offset(OffsetSpec.OFFSET_SPEC_TIMESTAMP, 500).getOffset()).isZero();
    assertThat(offset(OffsetSpec.OFFSET_SPEC_TIMESTAMP, 500).getTimestamp()).isEqualTo(1_000);
    assertThat(offset(OffsetSpec.OFFSET_SPEC_TIMESTAMP, 2_000).getOffset()).isEqualTo(-1);
    assertThat(ErrorCode.of(offset(OffsetSpec.OFFSET_SPEC_UNSPECIFIED, 0).getErrorValue()))
        .isEqualTo(ErrorCode.INVALID_REQUEST);
  }

  @Test
  void producerIdsAreUniqueAndEpochsRise() {
    var first = client.initProducerId(-1, -1);
    var second = client.initProducerId(-1, -1);
    assertThat(second.getProducerId()).isNotEqualTo(first.getProducerId());

    var raised = client.initProducerId(first.getProducerId(), first.getProducerEpoch());
    assertThat(raised.getProducerId()).isEqualTo(first.getProducerId());
    assertThat(raised.getProducerEpoch()).isEqualTo(first.getProducerEpoch() + 1);
    assertThatThrownBy(() -> client.initProducerId(1L << 60, 0))
        .satisfies(
            e ->
                assertThat(StatusMapper.fromThrowable(e).code())
                    .isEqualTo(ErrorCode.INVALID_REQUEST));
  }

  @Test
  void ourConsumerReadsWhatWasWritten() {
    client.produce(topic, Acks.ACKS_ALL, TestClient.batch(Codec.ZSTD, "a", "b", "c"));
    TopicPartition partition = new TopicPartition(topic.getName(), 0);
    List<String> values = new ArrayList<>();

    try (Consumer consumer =
        Consumer.builder().bootstrap(broker.address(Listener.CLIENTS).toString()).build()) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      while (values.size() < 3) {
        for (ConsumerRecord record : consumer.poll(Duration.ofSeconds(20))) {
          values.add(new String(record.value(), StandardCharsets.UTF_8));
        }
      }
    }

    assertThat(values).containsExactly("a", "b", "c");
  }

  private OffsetAnswer offset(OffsetSpec spec, long timestamp) {
    return client
        .fetch()
        .listOffsets(
            ListOffsetsRequest.newBuilder()
                .addQueries(
                    OffsetQuery.newBuilder()
                        .setTopic(topic.getName())
                        .setCurrentLeaderEpoch(-1)
                        .setSpec(spec)
                        .setTimestamp(timestamp))
                .build())
        .getAnswers(0);
  }

  private RecordsFrame<ProduceStreamRequest> batch(
      long correlationId, int partition, String value) {
    return RecordsFrame.of(
        ProduceStreamRequest.newBuilder()
            .setCorrelationId(correlationId)
            .setTopicId(topic.getTopicId())
            .setPartition(partition)
            .setLeaderEpoch(-1)
            .setAcks(Acks.ACKS_ALL)
            .build(),
        TestClient.batchBuilder(Codec.NONE, value).build(),
        () -> {});
  }

  private static FetchStreamRequest position(FetchPosition position) {
    return FetchStreamRequest.newBuilder().setPosition(position).build();
  }

  private static FetchStreamRequest credit(long bytes) {
    return FetchStreamRequest.newBuilder().setCredit(Credit.newBuilder().setBytes(bytes)).build();
  }

  private static StreamObserver<RecordsFrame<ProduceStreamRequest>> produceStream(
      StreamObserver<ProduceStreamResponse> replies) {
    return ClientCalls.asyncBidiStreamingCall(
        client.channel().newCall(RecordStreams.PRODUCE, CallOptions.DEFAULT), replies);
  }

  private static StreamObserver<FetchStreamRequest> fetchStream(
      StreamObserver<RecordsFrame<FetchStreamResponse>> frames) {
    return ClientCalls.asyncBidiStreamingCall(
        client.channel().newCall(RecordStreams.FETCH, CallOptions.DEFAULT), frames);
  }

  /** What came on a stream, in order. */
  private static final class Frames<T> implements StreamObserver<T> {
    private final BlockingQueue<Object> came = new LinkedBlockingQueue<>();

    Throwable failure() throws InterruptedException {
      Object next = came.poll(20, TimeUnit.SECONDS);
      assertThat(next).as("a failure").isInstanceOf(Throwable.class);
      return (Throwable) next;
    }

    @SuppressWarnings("unchecked")
    T next() throws InterruptedException {
      Object next = came.poll(20, TimeUnit.SECONDS);
      assertThat(next).as("the next frame").isNotNull().isNotInstanceOf(Throwable.class);
      return (T) next;
    }

    void awaitEnd() throws InterruptedException {
      Object next = came.poll(20, TimeUnit.SECONDS);
      while (next != this && next != null) {
        next = came.poll(20, TimeUnit.SECONDS);
      }
      assertThat(next).as("the end of the stream").isSameAs(this);
    }

    @Override
    public void onNext(T frame) {
      came.add(frame);
    }

    @Override
    public void onError(Throwable failure) {
      came.add(failure);
    }

    @Override
    public void onCompleted() {
      came.add(this);
    }
  }
}
