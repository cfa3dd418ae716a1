package io.highwater.client.consumer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.highwater.client.fake.FakeCluster;
import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.Codec;
import io.highwater.proto.record.RecordHeader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The consumer over real sockets, against brokers that fail on demand. */
@Timeout(30)
class ConsumerTest {
  private static final Duration SOON = Duration.ofMillis(50);
  private static final TopicPartition FIRST = new TopicPartition("orders", 0);
  private static final TopicPartition SECOND = new TopicPartition("orders", 1);

  private final FakeCluster cluster = new FakeCluster(2, 1);

  @AfterEach
  void closeCluster() {
    cluster.close();
  }

  private ConsumerBuilder consumer() {
    return Consumer.builder().bootstrap(cluster.bootstrap());
  }

  private static ProducerRecord record(TopicPartition partition, int number) {
    byte[] value = ("record " + number).getBytes(UTF_8);
    return new ProducerRecord("orders", partition.partition(), null, value, List.of(), number);
  }

  private void fill(TopicPartition partition, int from, int to, Codec codec) {
    try (Producer producer =
        Producer.builder()
            .bootstrap(cluster.bootstrap())
            .compression(codec)
            .batchBytes(1024)
            .build()) {
      for (int i = from; i < to; i++) {
        producer.send(record(partition, i), null);
      }
    }
  }

  private void fill(TopicPartition partition, int from, int to) {
    fill(partition, from, to, Codec.NONE);
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "record " + i).toList();
  }

  private static List<String> read(Consumer consumer, int count) {
    List<String> values = new ArrayList<>();
    while (values.size() < count) {
      values.addAll(valuesOf(consumer.poll(Duration.ofSeconds(10))));
    }
    return values;
  }

  private static List<String> valuesOf(ConsumerRecords records) {
    List<String> values = new ArrayList<>();
    for (ConsumerRecord record : records) {
      values.add(new String(record.value(), UTF_8));
    }
    return values;
  }

  private static void start(Consumer consumer, TopicPartition... partitions) {
    consumer.assign(List.of(partitions));
    consumer.seekToBeginning(List.of(partitions));
  }

  @ParameterizedTest
  @EnumSource(Codec.class)
  void readsEverythingInOrder(Codec codec) {
    cluster.createTopic("orders", 1);
    fill(FIRST, 0, 1_000, codec);
    try (Consumer consumer = consumer().build()) {
      start(consumer, FIRST);
      assertThat(read(consumer, 1_000)).isEqualTo(numbers(0, 1_000));
      assertThat(consumer.position(FIRST)).isEqualTo(1_000);
    }
  }

  @Test
  void recordsKeepEverythingTheyWereSentWith() {
    cluster.createTopic("orders", 1);
    List<RecordHeader> headers = List.of(new RecordHeader("trace", new byte[] {1, 2}));
    try (Producer producer = Producer.builder().bootstrap(cluster.bootstrap()).build()) {
      byte[] key = {0, 13, 10};
      producer.send(new ProducerRecord("orders", 0, key, null, headers, 77), null);
    }
    try (Consumer consumer = consumer().build()) {
      start(consumer, FIRST);
      ConsumerRecord record = consumer.poll(Duration.ofSeconds(10)).iterator().next();
      assertThat(record.key()).containsExactly(0, 13, 10);
      assertThat(record.value()).isNull();
      assertThat(record.headers()).isEqualTo(headers);
      assertThat(record.timestamp()).isEqualTo(77);
      assertThat(record.offset()).isZero();
    }
  }

  @Test
  void aSeekIntoABatchBeginsAtTheVeryOffset() {
    cluster.createTopic("orders", 1);
    fill(FIRST, 0, 500);
    try (Consumer consumer = consumer().build()) {
      consumer.assign(List.of(FIRST));
      consumer.seek(FIRST, 333);
      assertThat(read(consumer, 167)).isEqualTo(numbers(333, 500));
      consumer.seek(FIRST, 7);
      assertThat(read(consumer, 493)).isEqualTo(numbers(7, 500));
    }
  }

  @Test
  void seeksBackAndForthGiveNothingOfBefore() {
    cluster.createTopic("orders", 1);
    fill(FIRST, 0, 3_000);
    try (Consumer consumer = consumer().bufferBytes(16 * 1024).maxPollBytes(1024).build()) {
      consumer.assign(List.of(FIRST));
      for (int offset : new int[] {2_000, 10, 2_990, 1_500, 0}) {
        consumer.seek(FIRST, offset);
        ConsumerRecords records = consumer.poll(Duration.ofSeconds(10));
        assertThat(records.iterator().next().offset()).isEqualTo(offset);
      }
    }
  }

  @Test
  void seeksByTimestampAndToTheEnd() {
    cluster.createTopic("orders", 1);
    fill(FIRST, 0, 500);
    try (Consumer consumer = consumer().build()) {
      consumer.assign(List.of(FIRST));
      consumer.seekToTimestamp(List.of(FIRST), 123);
      assertThat(consumer.position(FIRST)).isEqualTo(123);
      assertThat(consumer.offsetsForTimestamp(List.of(FIRST), 10_000)).isEmpty();
      consumer.seekToEnd(List.of(FIRST));
      assertThat(consumer.poll(SOON).isEmpty()).isTrue();
      fill(FIRST, 500, 510);
      assertThat(read(consumer, 10)).isEqualTo(numbers(500, 510));
    }
  }

  @Test
  void pollReturnsEmptyHandedWhenThereIsNothing() {
    cluster.createTopic("orders", 1);
    try (Consumer consumer = consumer().build()) {
      start(consumer, FIRST);
      assertThat(consumer.poll(Duration.ZERO).isEmpty()).isTrue();
      assertThat(consumer.poll(SOON)).isSameAs(ConsumerRecords.EMPTY);
      await().until(() -> consumer.poll(SOON).isEmpty() && consumer.isCaughtUp(FIRST));
    }
  }

  @Test
  void endOffsetsTellWhenAReaderIsDone() {
    cluster.createTopic("orders", 2);
    fill(FIRST, 0, 100);
    fill(SECOND, 0, 50);
    try (Consumer consumer = consumer().build()) {
      start(consumer, FIRST, SECOND);
      Map<TopicPartition, Long> ends = consumer.endOffsets(List.of(FIRST, SECOND));
      assertThat(ends).containsEntry(FIRST, 100L).containsEntry(SECOND, 50L);
      read(consumer, 150);
      ends.forEach((partition, end) -> assertThat(consumer.position(partition)).isEqualTo(end));
    }
  }

  @Test
  void noPartitionStarvesAnother() {
    cluster.createTopic("orders", 2);
    fill(FIRST, 0, 3_000);
    fill(SECOND, 0, 100);
    try (Consumer consumer = consumer().bufferBytes(8 * 1024).maxPollBytes(2 * 1024).build()) {
      start(consumer, FIRST, SECOND);
      int polls = 0;
      while (consumer.position(SECOND) < 100) {
        consumer.poll(Duration.ofSeconds(10));
        polls++;
      }
      assertThat(polls).isLessThan(100);
      assertThat(consumer.position(FIRST)).isLessThan(3_000);
    }
  }

  @Test
  void goesOnAfterBrokenStreamsAndMovedLeaders() {
    cluster.createTopic("orders", 1);
    try (Consumer consumer = consumer().bufferBytes(4 * 1024).maxPollBytes(1024).build()) {
      start(consumer, FIRST);
      List<String> values = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        fill(FIRST, 100 * i, 100 * (i + 1));
        if (i % 2 == 0) {
          cluster.dropStreams();
        } else {
          cluster.moveLeader(FIRST, i % 4 == 1 ? 2 : 1);
        }
        values.addAll(read(consumer, 50));
      }
      values.addAll(read(consumer, 2_000 - values.size()));
      assertThat(values).isEqualTo(numbers(0, 2_000));
    }
  }

  @Test
  void goesOnAfterTheLeadersDeath() {
    cluster.createTopic("orders", 1);
    fill(FIRST, 0, 100);
    try (Consumer consumer = consumer().build()) {
      start(consumer, FIRST);
      List<String> values = new ArrayList<>(read(consumer, 100));
      cluster.stop(1);
      fill(FIRST, 100, 200);
      values.addAll(read(consumer, 100));
      assertThat(values).isEqualTo(numbers(0, 200));
    }
  }

  @Test
  void leavesALeaderThatHangsOnceAnotherLeads() {
    cluster.createTopic("orders", 1);
    fill(FIRST, 0, 100);
    try (Consumer consumer = consumer().build()) {
      start(consumer, FIRST);
      List<String> values = new ArrayList<>(read(consumer, 100));
      cluster.hang(1);
      assertThat(consumer.poll(Duration.ofMillis(1_500)).isEmpty()).isTrue();
      cluster.moveLeader(FIRST, 2);
      fill(FIRST, 100, 200);
      values.addAll(read(consumer, 100));
      assertThat(values).isEqualTo(numbers(0, 200));
    }
  }

  @Test
  void aPositionThatIsGoneIsAnErrorUntilTheNextSeek() {
    cluster.createTopic("orders", 1);
    fill(FIRST, 0, 500);
    try (Consumer consumer = consumer().build()) {
      consumer.assign(List.of(FIRST));
      cluster.deleteBelow(FIRST, 200);
      consumer.seek(FIRST, 0);
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> consumer.poll(Duration.ofSeconds(10)))
            .isInstanceOfSatisfying(
                OffsetGapException.class,
                gap -> {
                  assertThat(gap.partition()).isEqualTo(FIRST);
                  assertThat(gap.from()).isZero();
                  assertThat(gap.to()).isEqualTo(200);
                });
      }
      assertThat(consumer.position(FIRST)).isZero();
      consumer.seek(FIRST, 200);
      assertThat(read(consumer, 300)).isEqualTo(numbers(200, 500));
    }
  }

  @Test
  void aPositionBehindTheEndIsAnError() {
    cluster.createTopic("orders", 1);
    fill(FIRST, 0, 10);
    try (Consumer consumer = consumer().build()) {
      consumer.assign(List.of(FIRST));
      consumer.seek(FIRST, 1_000);
      assertThatThrownBy(() -> consumer.poll(Duration.ofSeconds(10)))
          .isInstanceOfSatisfying(
              OffsetGapException.class, gap -> assertThat(gap.to()).isEqualTo(10));
    }
  }

  @Test
  void resetsToTheEarliestOffsetWhenToldTo() {
    cluster.createTopic("orders", 1);
    fill(FIRST, 0, 500);
    cluster.deleteBelow(FIRST, 200);
    try (Consumer consumer = consumer().offsetReset(OffsetReset.EARLIEST).build()) {
      consumer.assign(List.of(FIRST));
      consumer.seek(FIRST, 0);
      List<String> values = read(consumer, 300);
      assertThat(values.get(values.size() - 1)).isEqualTo("record 499");
    }
  }

  @Test
  void resetsToTheLatestOffsetWhenToldTo() {
    cluster.createTopic("orders", 1);
    fill(FIRST, 0, 500);
    cluster.deleteBelow(FIRST, 200);
    try (Consumer consumer = consumer().offsetReset(OffsetReset.LATEST).build()) {
      consumer.assign(List.of(FIRST));
      consumer.seek(FIRST, 0);
      await().until(() -> consumer.poll(SOON).isEmpty() && consumer.position(FIRST) == 500);
      fill(FIRST, 500, 510);
      assertThat(read(consumer, 10)).isEqualTo(numbers(500, 510));
    }
  }

  @Test
  void damagedBytesAreAnErrorAndThePositionStays() {
    cluster.createTopic("orders", 1);
    fill(FIRST, 0, 10);
    cluster.damage(FIRST);
    try (Consumer consumer = consumer().build()) {
      start(consumer, FIRST);
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> consumer.poll(Duration.ofSeconds(10)))
            .isInstanceOfSatisfying(
                HighwaterException.class,
                failure -> assertThat(failure.code()).isEqualTo(ErrorCode.CORRUPT_MESSAGE))
            .hasMessageContaining("orders-0");
      }
      assertThat(consumer.position(FIRST)).isZero();
      cluster.damage(FIRST);
      // The fetch that is under way already may bring the damage once more.
      await()
          .ignoreExceptionsInstanceOf(HighwaterException.class)
          .untilAsserted(() -> assertThat(read(consumer, 10)).isEqualTo(numbers(0, 10)));
    }
  }

  @Test
  void damageInOnePartitionSkipsNothingOfAnother() {
    cluster.createTopic("orders", 3);
    // Led by the same broker as the first one: its batches come together with the damaged ones.
    TopicPartition third = new TopicPartition("orders", 2);
    fill(FIRST, 0, 100);
    fill(third, 0, 100);
    cluster.damage(FIRST);
    try (Consumer consumer = consumer().build()) {
      start(consumer, FIRST, third);
      consumer.endOffsets(List.of(FIRST, third));
      List<String> values = new ArrayList<>();
      int damages = 0;
      while (values.size() < 100 || damages < 2) {
        try {
          values.addAll(valuesOf(consumer.poll(Duration.ofSeconds(10))));
        } catch (HighwaterException damage) {
          assertThat(damage.code()).isEqualTo(ErrorCode.CORRUPT_MESSAGE);
          damages++;
        }
      }
      assertThat(values).isEqualTo(numbers(0, 100));
      assertThat(consumer.position(FIRST)).isZero();
    }
  }

  @Test
  void pollMayBeToldToWaitForEver() {
    cluster.createTopic("orders", 1);
    fill(FIRST, 0, 10);
    try (Consumer consumer = consumer().build()) {
      start(consumer, FIRST);
      assertThat(consumer.poll(Duration.ofSeconds(Long.MAX_VALUE)).isEmpty()).isFalse();
    }
  }

  @Test
  void aDeletedTopicIsAnError() {
    cluster.createTopic("orders", 1);
    fill(FIRST, 0, 10);
    try (Consumer consumer = consumer().build()) {
      start(consumer, FIRST);
      read(consumer, 10);
      cluster.deleteTopic("orders");
      cluster.dropStreams();
      assertThatThrownBy(() -> consumer.poll(Duration.ofSeconds(10)))
          .isInstanceOfSatisfying(
              HighwaterException.class,
              failure ->
                  assertThat(failure.code()).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION));
    }
  }

  @Test
  void anotherClusterBehindTheSameAddressIsAnErrorAtOnce() {
    cluster.createTopic("orders", 1);
    fill(FIRST, 0, 10);
    try (Consumer consumer = consumer().build()) {
      start(consumer, FIRST);
      read(consumer, 10);
      cluster.replace("orders");
      cluster.dropStreams();
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> consumer.poll(Duration.ofSeconds(10)))
            .isInstanceOfSatisfying(
                HighwaterException.class,
                failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INCONSISTENT_CLUSTER_ID))
            .hasMessageContaining("another");
      }
      assertThatThrownBy(() -> consumer.partitionsOf("orders"))
          .hasMessageContaining("another cluster");
    }
  }

  @Test
  void anUnknownTopicIsAnErrorThatNamesIt() {
    try (Consumer consumer = consumer().build()) {
      assertThatThrownBy(() -> consumer.partitionsOf("nowhere"))
          .isInstanceOf(HighwaterException.class)
          .hasMessageContaining("nowhere");
    }
  }

  @Test
  void partitionsTakenOffAreReadNoMoreAndOthersGoOn() {
    cluster.createTopic("orders", 2);
    fill(FIRST, 0, 10);
    fill(SECOND, 0, 10);
    try (Consumer consumer = consumer().build()) {
      start(consumer, FIRST, SECOND);
      read(consumer, 20);
      consumer.assign(List.of(SECOND));
      fill(FIRST, 10, 20);
      fill(SECOND, 10, 20);
      assertThat(read(consumer, 10)).isEqualTo(numbers(10, 20));
      assertThat(consumer.poll(SOON).isEmpty()).isTrue();
      assertThatThrownBy(() -> consumer.position(FIRST)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void wakeupEndsAPollThatWaits() {
    cluster.createTopic("orders", 1);
    try (Consumer consumer = consumer().build()) {
      start(consumer, FIRST);
      consumer.wakeup();
      assertThat(consumer.poll(Duration.ofMinutes(1)).isEmpty()).isTrue();
    }
  }

  @Test
  void pollWithoutAPositionIsAMistake() {
    cluster.createTopic("orders", 1);
    try (Consumer consumer = consumer().build()) {
      consumer.assign(List.of(FIRST));
      assertThatThrownBy(() -> consumer.poll(SOON)).hasMessageContaining("seek first");
    }
  }
}
