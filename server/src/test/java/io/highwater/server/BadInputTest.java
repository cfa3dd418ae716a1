package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.grpc.StatusMapper;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.Codec;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.CreateTopicRequest;
import io.highwater.proto.v1.DeleteTopicRequest;
import io.highwater.proto.v1.DrainBrokerRequest;
import io.highwater.proto.v1.ElectLeadersRequest;
import io.highwater.proto.v1.ElectionType;
import io.highwater.proto.v1.FetchRequest;
import io.highwater.proto.v1.Move;
import io.highwater.proto.v1.OffsetForLeaderEpochRequest;
import io.highwater.proto.v1.PartitionBatch;
import io.highwater.proto.v1.PartitionName;
import io.highwater.proto.v1.PartitionRecords;
import io.highwater.proto.v1.ProduceAck;
import io.highwater.proto.v1.PublishRequest;
import io.highwater.proto.v1.ReassignPartitionsRequest;
import io.highwater.proto.v1.Record;
import io.highwater.proto.v1.RemoveControllerRequest;
import io.highwater.proto.v1.TopicInfo;
import io.highwater.proto.v1.VerifyReplicasRequest;
import io.highwater.proto.v1.VerifyReplicasResponse;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a client sends: a named error, nothing appended, and the broker goes on (INP-1). */
class BadInputTest {
  @TempDir static Path data;
  private static final BrokerFixture BROKERS = new BrokerFixture();
  private static TestClient client;
  private static TopicInfo topic;

  @BeforeAll
  static void start() {
    client = BROKERS.client(BROKERS.start(data));
    topic = client.createTopic("t", 1, Map.of("max.message.bytes", "2048"));
  }

  @AfterAll
  static void close() {
    BROKERS.close();
  }

  static Stream<Arguments> badBatches() {
    return Stream.of(
        bad("a byte behind the CRC flipped", b -> b.put(70, (byte) ~b.get(70)), 2),
        bad("magic 1", b -> b.put(BatchLayout.MAGIC, (byte) 1), 12),
        bad("a length beyond the bytes", b -> b.putInt(BatchLayout.BATCH_LENGTH, 1 << 30), 2),
        bad("a negative length", b -> b.putInt(BatchLayout.BATCH_LENGTH, -1), 2),
        bad("a length short of the bytes", b -> b.putInt(BatchLayout.BATCH_LENGTH, 50), 2));
  }

  private static Arguments bad(String name, Consumer<ByteBuffer> damage, int error) {
    return Arguments.of(name, damage, error);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badBatches")
  void aBadBatchIsANamedErrorAndNothingIsAppended(
      String name, Consumer<ByteBuffer> damage, int error) {
    ByteBuffer batch = TestClient.batchBuilder(Codec.NONE, "some value", "another").build();
    damage.accept(batch);
    long before = highWatermark();

    ProduceAck ack = client.produce(topic, Acks.ACKS_ALL, ByteString.copyFrom(batch.rewind()));

    assertThat(ack.getErrorValue()).as(ack.getErrorMessage()).isEqualTo(error);
    assertThat(ack.getErrorMessage()).isNotEmpty();
    assertThat(highWatermark()).isEqualTo(before);
    brokerGoesOn();
  }

  @Test
  void anEmptyOrTornBatchIsANamedError() {
    ByteString whole = TestClient.batch(Codec.NONE, "value");
    for (int length : new int[] {0, 1, 12, 60, whole.size() - 1}) {
      assertThat(errorOf(client.produce(topic, Acks.ACKS_ALL, whole.substring(0, length))))
          .isEqualTo(ErrorCode.CORRUPT_MESSAGE);
    }
    brokerGoesOn();
  }

  @Test
  void aBatchAboveTheTopicsLimitIsRefused() {
    ProduceAck ack =
        client.produce(topic, Acks.ACKS_ALL, TestClient.batch(Codec.NONE, "x".repeat(4096)));

    assertThat(errorOf(ack)).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
    brokerGoesOn();
  }

  @Test
  void aMessageAboveTheFrameLimitIsRefused() {
    assertFails(
        () -> client.produce(topic, Acks.ACKS_ALL, ByteString.copyFrom(new byte[6 << 20])),
        ErrorCode.MESSAGE_TOO_LARGE);
    brokerGoesOn();
  }

  @Test
  void unknownTopicsAndPartitionsAreNamed() {
    ByteString batch = TestClient.batch(Codec.NONE, "v");

    assertThat(
            errorOf(
                client.produce(
                    Acks.ACKS_ALL, PartitionBatch.newBuilder().setTopic("nope").setRecords(batch))))
        .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    assertThat(
            errorOf(
                client.produce(
                    Acks.ACKS_ALL,
                    PartitionBatch.newBuilder()
                        .setTopicId(ByteString.copyFrom(new byte[16]))
                        .setRecords(batch))))
        .isEqualTo(ErrorCode.UNKNOWN_TOPIC_ID);
    assertThat(
            errorOf(
                client.produce(
                    Acks.ACKS_ALL,
                    PartitionBatch.newBuilder().setTopic("t").setPartition(7).setRecords(batch))))
        .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    assertThat(
            errorOf(
                client.produce(
                    Acks.ACKS_ALL,
                    PartitionBatch.newBuilder()
                        .setTopicId(ByteString.copyFromUtf8("short"))
                        .setRecords(batch))))
        .isEqualTo(ErrorCode.INVALID_REQUEST);
    assertFails(
        () -> client.pubSub().publish(PublishRequest.newBuilder().setTopic("nope").build()),
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  }

  @Test
  void aNewerLeaderEpochIsUnknownEverywhere() {
    assertThat(
            errorOf(
                client.produce(
                    Acks.ACKS_ALL,
                    PartitionBatch.newBuilder()
                        .setTopic("t")
                        .setLeaderEpoch(99)
                        .setRecords(TestClient.batch(Codec.NONE, "v")))))
        .isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH);
    assertThat(
            ErrorCode.of(
                client
                    .fetch()
                    .offsetForLeaderEpoch(
                        OffsetForLeaderEpochRequest.newBuilder()
                            .setTopicId(topic.getTopicId())
                            .setCurrentLeaderEpoch(99)
                            .build())
                    .getErrorValue()))
        .isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH);
  }

  @Test
  void anOffsetOutsideTheLogIsOutOfRange() {
    for (long offset : new long[] {-5, 1_000_000}) {
      PartitionRecords records =
          client
              .fetch()
              .fetch(
                  FetchRequest.newBuilder()
                      .setMaxWaitMs(10_000)
                      .setMinBytes(1)
                      .addPositions(TestClient.position(topic, 0, offset))
                      .build())
              .getPartitions(0);
      assertThat(ErrorCode.of(records.getErrorValue())).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
    }
  }

  @Test
  void badChangesOfTheClusterAreRefused() {
    PartitionName name = PartitionName.newBuilder().setTopic("t").build();
    assertFails(
        () ->
            client.clusterAdmin().drainBroker(DrainBrokerRequest.newBuilder().setNodeId(9).build()),
        ErrorCode.BROKER_ID_NOT_REGISTERED);
    assertFails(
        () ->
            client
                .clusterAdmin()
                .drainBroker(DrainBrokerRequest.newBuilder().setNodeId(9).setUndo(true).build()),
        ErrorCode.BROKER_ID_NOT_REGISTERED);
    assertFails(
        () ->
            client
                .clusterAdmin()
                .electLeaders(
                    ElectLeadersRequest.newBuilder()
                        .setType(ElectionType.ELECTION_TYPE_PREFERRED)
                        .addPartitions(name)
                        .addPartitions(name)
                        .build()),
        ErrorCode.INVALID_REQUEST);
    Move move = Move.newBuilder().setPartition(name).addTo(1).build();
    assertFails(
        () ->
            client
                .clusterAdmin()
                .reassignPartitions(
                    ReassignPartitionsRequest.newBuilder().addMoves(move).addMoves(move).build()),
        ErrorCode.INVALID_REQUEST);
    VerifyReplicasResponse beyond =
        client
            .clusterAdmin()
            .verifyReplicas(
                VerifyReplicasRequest.newBuilder()
                    .setPartition(name)
                    .setCurrentLeaderEpoch(-1)
                    .setFromOffset(1L << 40)
                    .build());
    assertThat(ErrorCode.of(beyond.getErrorValue())).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
    assertThatThrownBy(
            () ->
                client
                    .quorumAdmin()
                    .removeController(RemoveControllerRequest.newBuilder().setNodeId(1).build()))
        .hasMessageContaining("is the only controller");
  }

  @Test
  void badTopicsAreRefused() {
    assertCreateFails(topic("t").build(), ErrorCode.TOPIC_ALREADY_EXISTS);
    assertCreateFails(topic("../etc").build(), ErrorCode.INVALID_TOPIC_EXCEPTION);
    assertCreateFails(topic("").build(), ErrorCode.INVALID_TOPIC_EXCEPTION);
    assertCreateFails(topic("p").setPartitions(-1).build(), ErrorCode.INVALID_PARTITIONS);
    assertCreateFails(
        topic("r").setReplicationFactor(3).build(), ErrorCode.INVALID_REPLICATION_FACTOR);
    assertCreateFails(
        topic("c").putConfigs("max.message.byte", "1").build(), ErrorCode.INVALID_CONFIG);
    assertCreateFails(
        topic("c").putConfigs("max.message.bytes", "9999999").build(), ErrorCode.INVALID_CONFIG);
    assertFails(
        () -> client.admin().deleteTopic(DeleteTopicRequest.newBuilder().setName("nope").build()),
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  }

  @Test
  void aRecordAboveTheLimitFailsAloneWhenPublished() {
    var receipts =
        client
            .pubSub()
            .publish(
                PublishRequest.newBuilder()
                    .setTopic("t")
                    .addRecords(record("small"))
                    .addRecords(record("x".repeat(4096)))
                    .addRecords(record("small too"))
                    .build())
            .getReceiptsList();

    assertThat(receipts)
        .extracting(r -> ErrorCode.of(r.getErrorValue()))
        .containsExactly(ErrorCode.NONE, ErrorCode.MESSAGE_TOO_LARGE, ErrorCode.NONE);
    assertThat(receipts.get(2).getOffset()).isEqualTo(receipts.get(0).getOffset() + 1);
  }

  /** INP-1: by name, and not as a fault of the broker's that its log is full of. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ProduceService/Produce",
        "ProduceService/ProduceStream",
        "FetchService/FetchStream",
        "PubSubService/PublishStream",
        "TopicAdminService/CreateTopic"
      })
  void aMessageThatIsNoneIsRefusedByName(String method) {
    MethodDescriptor<byte[], byte[]> descriptor =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("highwater.v1." + method)
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();
    byte[] message = {10, 127, 1};
    assertFails(
        () ->
            ClientCalls.blockingUnaryCall(
                client.channel(), descriptor, CallOptions.DEFAULT, message),
        ErrorCode.INVALID_REQUEST);
    brokerGoesOn();
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      return new byte[0];
    }
  }

  private static Record record(String value) {
    return Record.newBuilder().setValue(ByteString.copyFromUtf8(value)).build();
  }

  private static CreateTopicRequest.Builder topic(String name) {
    return CreateTopicRequest.newBuilder().setName(name).setPartitions(1);
  }

  private static void assertCreateFails(CreateTopicRequest request, ErrorCode error) {
    assertFails(() -> client.admin().createTopic(request), error);
  }

  private static void assertFails(ThrowingCallable call, ErrorCode error) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(StatusMapper.fromThrowable(e).code()).isEqualTo(error));
  }

  private static ErrorCode errorOf(ProduceAck ack) {
    return ErrorCode.of(ack.getErrorValue());
  }

  private static long highWatermark() {
    return client.fetch(topic, 0, 0).getStatus().getHighWatermark();
  }

  private static void brokerGoesOn() {
    assertThat(errorOf(client.produce(topic, Acks.ACKS_ALL, TestClient.batch(Codec.NONE, "ok"))))
        .isEqualTo(ErrorCode.NONE);
  }
}
