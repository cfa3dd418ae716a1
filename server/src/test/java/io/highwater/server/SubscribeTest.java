package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.Codec;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.Credit;
import io.highwater.proto.v1.DeleteRecordsRequest;
import io.highwater.proto.v1.DeleteTopicRequest;
import io.highwater.proto.v1.GapCause;
import io.highwater.proto.v1.OffsetSpecOrOffset;
import io.highwater.proto.v1.PartitionBatch;
import io.highwater.proto.v1.ProduceAck;
import io.highwater.proto.v1.SubscribeRequest;
import io.highwater.proto.v1.SubscribeResponse;
import io.highwater.proto.v1.SubscribeStart;
import io.highwater.proto.v1.SubscribedGap;
import io.highwater.proto.v1.SubscribedRecord;
import io.highwater.proto.v1.TopicInfo;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What {@code pubsub.proto} promises subscribers: exact credit, and frames that say what they are.
 */
class SubscribeTest {
  private static final BrokerFixture BROKERS = new BrokerFixture();
  private static int topics;

  @TempDir static Path data;
  private static TestClient client;
  private TopicInfo topic;

  @BeforeAll
  static void startBroker() {
    client = BROKERS.client(BROKERS.start(data));
  }

  @AfterAll
  static void close() {
    BROKERS.close();
  }

  @BeforeEach
  void createTopic(TestInfo test) {
    topic = client.createTopic("t" + ++topics, 2, Map.of());
  }

  /** Of a topic that takes what nobody can read. */
  private void createUncheckedTopic() {
    topic = client.createTopic("t" + ++topics, 2, Map.of("records.validation", "header"));
  }

  @ParameterizedTest
  @EnumSource(Codec.class)
  void recordsComeUpToTheCreditAndNotOneMore(Codec codec) throws InterruptedException {
    produce(codec, 5_000, 20);
    try (Subscription subscription = open(start().setCredit(Credit.newBuilder().setRecords(3)))) {
      assertThat(offsets(subscription.records(3))).containsExactly(0L, 1L, 2L);
      subscription.grant(Credit.newBuilder().setRecords(5));
      assertThat(offsets(subscription.records(2))).containsExactly(3L, 4L);
      // A smaller grant changes nothing; what it brought would be here before the end.
      subscription.grant(Credit.newBuilder().setRecords(1));
      subscription.grant(Credit.newBuilder().setRecords(4_999));
      subscription.records(4_994);
      assertThat(subscription.hasMore()).isFalse();
      subscription.grant(Credit.newBuilder().setRecords(10_000));
      assertThat(offsets(subscription.records(1))).containsExactly(4_999L);
      assertThat(subscription.next().hasCaughtUp()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Codec.class)
  void bytesOfContentComeUpToTheCreditAndNotOneMore(Codec codec) throws InterruptedException {
    produce(codec, 10, 100);
    try (Subscription subscription = open(start().setCredit(Credit.newBuilder().setBytes(399)))) {
      assertThat(offsets(subscription.records(3))).containsExactly(0L, 1L, 2L);
      // The fourth would be one byte too much: it waits, and says for what.
      SubscribeResponse needed = subscription.next();
      assertThat(needed.getCreditNeeded().getOffset()).isEqualTo(3);
      assertThat(needed.getCreditNeeded().getBytes()).isEqualTo(400);
      subscription.grant(Credit.newBuilder().setBytes(400));
      assertThat(offsets(subscription.records(1))).containsExactly(3L);
      subscription.grant(Credit.newBuilder().setBytes(1_000));
      assertThat(offsets(subscription.records(6))).containsExactly(4L, 5L, 6L, 7L, 8L, 9L);
      assertThat(subscription.next().hasCaughtUp()).isTrue();
    }
  }

  @Test
  void aCreditThatWaitsForLongLosesNothing() throws InterruptedException {
    produce(Codec.ZSTD, 100, 1_000);
    try (Subscription subscription = open(start().setCredit(Credit.newBuilder().setBytes(1)))) {
      for (int i = 1; i <= 3; i++) {
        SubscribeResponse needed = subscription.next();
        assertThat(needed.getCreditNeeded().getBytes()).isEqualTo(i * 1_000L);
        subscription.grant(Credit.newBuilder().setBytes(i * 1_000L));
        assertThat(offsets(subscription.records(1))).containsExactly(i - 1L);
        subscription.grant(Credit.newBuilder().setBytes(i * 1_000L + 1));
      }
    }
  }

  @Test
  void partitionsShareTheCreditOfTheirStream() throws InterruptedException {
    produce(Codec.NONE, 10, 10);
    client.produce(
        Acks.ACKS_ALL,
        PartitionBatch.newBuilder()
            .setTopicId(topic.getTopicId())
            .setPartition(1)
            .setRecords(values(Codec.LZ4, 10, 10)));
    SubscribeStart.Builder both =
        Subscription.fromStart(topic.getName()).setCredit(Credit.newBuilder().setRecords(7));
    try (Subscription subscription = open(both)) {
      subscription.records(7);
      subscription.grant(Credit.newBuilder().setRecords(20));
      subscription.records(13);
      assertThat(subscription.next().hasCaughtUp()).isTrue();
      assertThat(subscription.next().hasCaughtUp()).isTrue();
    }
  }

  @Test
  void aCreditOfZeroBringsNothingYetAndAnAbsentOneDoesNotLimit() throws InterruptedException {
    produce(Codec.NONE, 10, 10);
    try (Subscription waiting =
            open(start().setCredit(Credit.newBuilder().setRecords(0).setBytes(0)));
        Subscription unlimited = open(start())) {
      unlimited.records(10);
      assertThat(unlimited.next().hasCaughtUp()).isTrue();
      assertThat(waiting.hasMore()).isFalse();
      waiting.grant(Credit.newBuilder().setRecords(1));
      waiting.grant(Credit.newBuilder().setRecords(1).setBytes(100));
      assertThat(offsets(waiting.records(1))).containsExactly(0L);
    }
  }

  @Test
  void aNegativeCreditIsRefused() throws InterruptedException {
    open(start().setCredit(Credit.newBuilder().setRecords(-1)))
        .failsWith(ErrorCode.INVALID_REQUEST);
    open(start().setCredit(Credit.newBuilder().setBytes(-1))).failsWith(ErrorCode.INVALID_REQUEST);
    open(start().setCredit(Credit.newBuilder().setRecords(1)))
        .grant(Credit.newBuilder().setRecords(-5))
        .failsWith(ErrorCode.INVALID_REQUEST);
  }

  @Test
  void whateverComesBeforeTheStartIsRefused() throws InterruptedException {
    Subscription.open(client.channel())
        .grant(Credit.newBuilder().setRecords(3))
        .failsWith(ErrorCode.INVALID_REQUEST);
    Subscription.open(client.channel())
        .send(SubscribeRequest.newBuilder())
        .failsWith(ErrorCode.INVALID_REQUEST);
    open(start()).start(start()).failsWith(ErrorCode.INVALID_REQUEST);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, -2, 1_000, Long.MAX_VALUE, Long.MIN_VALUE})
  void anOffsetOutsideTheLogEndsTheStreamAndNamesTheBounds(long offset)
      throws InterruptedException {
    produce(Codec.NONE, 30, 10);

    String text =
        open(start().setFrom(OffsetSpecOrOffset.newBuilder().setOffset(offset)))
            .failsWith(ErrorCode.OFFSET_OUT_OF_RANGE);

    assertThat(text).contains(topic.getName() + "-0", Long.toString(offset), "0 to 30");
  }

  @Test
  void deletedRecordsAreAGapWithBoundsAndACause() throws InterruptedException {
    produce(Codec.NONE, 10, 10);
    client
        .admin()
        .deleteRecords(
            DeleteRecordsRequest.newBuilder()
                .setTopic(topic.getName())
                .setPartition(0)
                .setBeforeOffset(4)
                .build());

    try (Subscription subscription =
        open(start().setFrom(OffsetSpecOrOffset.newBuilder().setOffset(1)))) {
      SubscribedGap gap = subscription.next().getGap();
      assertThat(gap.getFrom()).isEqualTo(1);
      assertThat(gap.getTo()).isEqualTo(4);
      assertThat(gap.getCause()).isEqualTo(GapCause.GAP_CAUSE_DELETED);
      assertThat(offsets(subscription.records(6))).startsWith(4L);
    }
  }

  @Test
  void aBatchThatCannotBeReadEndsTheStreamAndNamesItsOffsets() throws InterruptedException {
    createUncheckedTopic();
    produce(Codec.NONE, 3, 10);
    produceUnreadable(4);
    produce(Codec.NONE, 3, 10);

    try (Subscription subscription = open(start())) {
      assertThat(offsets(subscription.records(3))).containsExactly(0L, 1L, 2L);
      assertThat(subscription.failsWith(ErrorCode.CORRUPT_MESSAGE))
          .contains(topic.getName() + "-0", "from offset 3 to 6", "from 7");
    }
  }

  @Test
  void whoWantsToPassesOverABatchThatCannotBeRead() throws InterruptedException {
    createUncheckedTopic();
    produce(Codec.NONE, 3, 10);
    produceUnreadable(4);
    produce(Codec.NONE, 3, 10);

    try (Subscription subscription = open(start().setSkipCorrupt(true))) {
      assertThat(offsets(subscription.records(3))).containsExactly(0L, 1L, 2L);
      SubscribedGap gap = subscription.next().getGap();
      assertThat(gap.getFrom()).isEqualTo(3);
      assertThat(gap.getTo()).isEqualTo(7);
      assertThat(gap.getCause()).isEqualTo(GapCause.GAP_CAUSE_CORRUPT);
      assertThat(offsets(subscription.records(3))).containsExactly(7L, 8L, 9L);
    }
  }

  @Test
  void whatInflatesTooFarIsAGapOfItsOwnCause() throws InterruptedException {
    createUncheckedTopic();
    BatchBuilder bomb = new BatchBuilder(Codec.GZIP, 80 << 20);
    bomb.append(1_000, null, new byte[70 << 20], List.of());
    ProduceAck ack = client.produce(topic, Acks.ACKS_ALL, ByteString.copyFrom(bomb.build()));
    assertThat(ack.getErrorValue()).isZero();
    produce(Codec.NONE, 1, 10);

    try (Subscription subscription = open(start().setSkipCorrupt(true))) {
      SubscribedGap gap = subscription.next().getGap();
      assertThat(gap.getFrom()).isZero();
      assertThat(gap.getTo()).isEqualTo(1);
      assertThat(gap.getCause()).isEqualTo(GapCause.GAP_CAUSE_TOO_LARGE);
      assertThat(offsets(subscription.records(1))).containsExactly(1L);
    }
  }

  @Test
  void aDeletedTopicEndsTheStreamWithAnError() throws InterruptedException {
    try (Subscription subscription = open(start())) {
      assertThat(subscription.next().hasCaughtUp()).isTrue();
      client.admin().deleteTopic(DeleteTopicRequest.newBuilder().setName(topic.getName()).build());
      subscription.failsWith(ErrorCode.UNKNOWN_TOPIC_ID);
    }
  }

  private Subscription open(SubscribeStart.Builder start) {
    return Subscription.open(client.channel()).start(start);
  }

  private SubscribeStart.Builder start() {
    return Subscription.fromStart(topic.getName()).addPartitions(0);
  }

  private void produce(Codec codec, int count, int bytes) {
    assertThat(client.produce(topic, Acks.ACKS_ALL, values(codec, count, bytes)).getErrorValue())
        .isZero();
  }

  private static ByteString values(Codec codec, int count, int bytes) {
    String[] values =
        IntStream.range(0, count)
            .mapToObj(i -> "%-" + bytes + "s")
            .map(format -> format.formatted("v"))
            .toArray(String[]::new);
    return TestClient.batch(codec, values);
  }

  /** Its header is right, its records are none. */
  private void produceUnreadable(int count) {
    String[] values = IntStream.range(0, count).mapToObj(i -> "v" + i).toArray(String[]::new);
    ByteBuffer batch = TestClient.batchBuilder(Codec.NONE, values).build();
    // Says gzip, and is not.
    batch.putShort(BatchLayout.ATTRIBUTES, (short) Codec.GZIP.id());
    CRC32C crc = new CRC32C();
    crc.update(batch.duplicate().position(BatchLayout.ATTRIBUTES));
    batch.putInt(BatchLayout.CRC, (int) crc.getValue());
    assertThat(
            client
                .produce(topic, Acks.ACKS_ALL, ByteString.copyFrom(batch.duplicate()))
                .getErrorValue())
        .isZero();
  }

  private static List<Long> offsets(List<SubscribedRecord> records) {
    return records.stream().map(SubscribedRecord::getOffset).toList();
  }
}
