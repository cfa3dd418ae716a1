package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.highwater.client.consumer.Consumer;
import io.highwater.client.consumer.ConsumerRecord;
import io.highwater.client.consumer.CorruptRange;
import io.highwater.client.consumer.CorruptRecords;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.grpc.RecordStreams;
import io.highwater.proto.grpc.RecordsFrame;
import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.Codec;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.ProduceAck;
import io.highwater.proto.v1.ProduceStreamRequest;
import io.highwater.proto.v1.ProduceStreamResponse;
import io.highwater.proto.v1.TopicInfo;
import io.highwater.server.config.Listener;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** STO-3 through a broker: what is acknowledged can be read, in the order of its stream. */
class UnreadableBatchTest {
  private static final BrokerFixture BROKERS = new BrokerFixture();
  private static final int LIMIT = 8 << 20;

  @TempDir static Path data;
  private static HighwaterServer broker;
  private static TestClient client;
  private String name;

  @BeforeAll
  static void start() {
    broker = BROKERS.start(data, "message.max.bytes", Integer.toString(LIMIT));
    client = BROKERS.client(broker);
  }

  @AfterAll
  static void close() {
    BROKERS.close();
  }

  @BeforeEach
  void name(TestInfo test) {
    name = test.getDisplayName().replaceAll("[^A-Za-z0-9]", "-");
  }

  @ParameterizedTest(name = "garbage-{0}")
  @EnumSource(value = Codec.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void recordsThatNoCodecMadeAreRefused(Codec codec) {
    TopicInfo topic = client.createTopic(name, 1, Map.of());
    for (int bytes : new int[] {17, 200_000}) {
      ProduceAck ack = client.produce(topic, Acks.ACKS_ALL, garbage(codec, bytes));

      assertThat(ErrorCode.of(ack.getErrorValue())).isEqualTo(ErrorCode.INVALID_RECORD);
    }
    assertThat(client.produce(topic, Acks.ACKS_ALL, TestClient.batch(codec, "x")).getBaseOffset())
        .isZero();
  }

  @ParameterizedTest(name = "bomb-{0}")
  @EnumSource(value = Codec.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void whatNoReaderInflatesIsRefused(Codec codec) {
    TopicInfo topic = client.createTopic(name, 1, Map.of());
    BatchBuilder builder = new BatchBuilder(codec, 80 << 20);
    builder.append(1_000, null, new byte[65 << 20], List.of());

    ProduceAck ack = client.produce(topic, Acks.ACKS_ALL, ByteString.copyFrom(builder.build()));

    assertThat(ErrorCode.of(ack.getErrorValue())).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
  }

  @ParameterizedTest(name = "order-{0}")
  @EnumSource(value = Codec.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void whatTakesLongToLookIntoKeepsItsPlace(Codec codec) throws InterruptedException {
    TopicInfo topic = client.createTopic(name, 2, Map.of());
    Acked acked = new Acked();
    StreamObserver<RecordsFrame<ProduceStreamRequest>> stream =
        ClientCalls.asyncBidiStreamingCall(
            BROKERS
                .channel(broker, Listener.CLIENTS)
                .newCall(RecordStreams.PRODUCE, CallOptions.DEFAULT),
            acked);
    Random random = new Random(1);
    int batches = 60;
    for (int i = 0; i < batches; i++) {
      ByteString batch =
          i % 7 == 3
              ? garbage(codec, 300_000)
              : TestClient.batch(codec, text(random, i % 3 == 0 ? 400_000 : 20));
      stream.onNext(frame(topic, i, i % 2, batch));
    }
    stream.onCompleted();

    long[] nextOffset = new long[2];
    List<Long> order = new ArrayList<>();
    for (int i = 0; i < batches; i++) {
      ProduceAck ack = acked.next();
      int batch = (int) ack.getCorrelationId();
      if (batch % 2 == 0) {
        order.add(ack.getCorrelationId());
      }
      if (batch % 7 == 3) {
        assertThat(ErrorCode.of(ack.getErrorValue())).isEqualTo(ErrorCode.INVALID_RECORD);
      } else {
        assertThat(ErrorCode.of(ack.getErrorValue())).isEqualTo(ErrorCode.NONE);
        assertThat(ack.getBaseOffset()).isEqualTo(nextOffset[batch % 2]++);
      }
    }
    assertThat(order).isSorted();
  }

  @Test
  void aTopicThatTakesTheHeadersWordHasRangesThatReadersMayPassOver() {
    TopicInfo topic = client.createTopic(name, 1, Map.of("records.validation", "header"));
    client.produce(topic, Acks.ACKS_ALL, TestClient.batch(Codec.GZIP, "before"));
    ProduceAck ack = client.produce(topic, Acks.ACKS_ALL, garbage(Codec.GZIP, 100));
    assertThat(ack.getBaseOffset()).isEqualTo(1);
    client.produce(topic, Acks.ACKS_ALL, TestClient.batch(Codec.GZIP, "behind"));
    List<CorruptRange> passed = new ArrayList<>();

    assertThatThrownBy(() -> valuesOf(3, CorruptRecords.FAIL))
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT_MESSAGE));
    assertThat(valuesOf(2, CorruptRecords.skip(passed::add))).containsExactly("before", "behind");
    assertThat(passed)
        .singleElement()
        .satisfies(
            range -> {
              assertThat(range.partition()).isEqualTo(new TopicPartition(name, 0));
              assertThat(range.from()).isEqualTo(1);
              assertThat(range.to()).isEqualTo(3);
            });
  }

  private List<String> valuesOf(int count, CorruptRecords policy) {
    List<String> values = new ArrayList<>();
    TopicPartition partition = new TopicPartition(name, 0);
    try (Consumer consumer =
        Consumer.builder()
            .bootstrap(broker.address(Listener.CLIENTS).toString())
            .corruptRecords(policy)
            .build()) {
      consumer.assign(List.of(partition));
      consumer.seek(partition, 0);
      while (values.size() < count) {
        for (ConsumerRecord record : consumer.poll(Duration.ofSeconds(20))) {
          values.add(new String(record.value(), StandardCharsets.UTF_8));
        }
      }
    }
    return values;
  }

  private static RecordsFrame<ProduceStreamRequest> frame(
      TopicInfo topic, int correlationId, int partition, ByteString batch) {
    return RecordsFrame.of(
        ProduceStreamRequest.newBuilder()
            .setCorrelationId(correlationId)
            .setTopicId(topic.getTopicId())
            .setPartition(partition)
            .setLeaderEpoch(-1)
            .setAcks(Acks.ACKS_ALL)
            .build(),
        ByteBuffer.wrap(batch.toByteArray()),
        () -> {});
  }

  /** A right header of two records around bytes that are none. */
  private static ByteString garbage(Codec codec, int bytes) {
    byte[] noise = new byte[bytes];
    new Random(bytes).nextBytes(noise);
    ByteBuffer batch = ByteBuffer.allocate(BatchLayout.HEADER_BYTES + bytes);
    batch.put(TestClient.batch(Codec.NONE, "a", "b").toByteArray(), 0, BatchLayout.HEADER_BYTES);
    batch.put(noise);
    batch.putInt(BatchLayout.BATCH_LENGTH, batch.capacity() - BatchLayout.LENGTH_OVERHEAD);
    batch.putShort(BatchLayout.ATTRIBUTES, (short) codec.id());
    CRC32C crc = new CRC32C();
    crc.update(batch.array(), BatchLayout.ATTRIBUTES, batch.capacity() - BatchLayout.ATTRIBUTES);
    batch.putInt(BatchLayout.CRC, (int) crc.getValue());
    return ByteString.copyFrom(batch.array());
  }

  private static String text(Random random, int length) {
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      text.append("word-").append(random.nextInt(1000)).append(' ');
    }
    return text.substring(0, length);
  }

  /** Acknowledgements of a stream. */
  private static final class Acked implements StreamObserver<ProduceStreamResponse> {
    private final BlockingQueue<ProduceAck> acks = new LinkedBlockingQueue<>();

    ProduceAck next() throws InterruptedException {
      ProduceAck ack = acks.poll(20, TimeUnit.SECONDS);
      assertThat(ack).as("an acknowledgement in time").isNotNull();
      return ack;
    }

    @Override
    public void onNext(ProduceStreamResponse response) {
      if (response.hasAck()) {
        acks.add(response.getAck());
      }
    }

    @Override
    public void onError(Throwable failure) {
      throw new AssertionError(failure);
    }

    @Override
    public void onCompleted() {}
  }
}
