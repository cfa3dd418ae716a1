package io.highwater.client.producer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Murmur2;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.Codec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How the producer batches, what it takes, and how it ends. */
@Timeout(30)
class ProducerTest extends ProducerFixture {
  @ParameterizedTest
  @EnumSource(Codec.class)
  void receiptsSayWhereTheRecordsAre(Codec codec) throws Exception {
    cluster.createTopic("orders", 2);
    try (Producer producer = producer().compression(codec).build()) {
      List<CompletableFuture<RecordMetadata>> sends = sendAll(producer, 1_000);
      producer.flush();
      for (int i = 0; i < sends.size(); i++) {
        RecordMetadata receipt = sends.get(i).get();
        assertThat(receipt.offset()).isEqualTo(i);
        assertThat(receipt.partition()).isZero();
        assertThat(receipt.duplicate()).isFalse();
      }
    }
    assertThat(cluster.values(FIRST)).isEqualTo(numbers(1_000));
    assertThat(cluster.batchCount(FIRST)).isLessThan(1_000);
  }

  @Test
  void keysGoWhereKafkasHashSendsThem() throws Exception {
    cluster.createTopic("orders", 7);
    try (Producer producer = producer().build()) {
      for (int i = 0; i < 50; i++) {
        byte[] key = ("customer " + i).getBytes(UTF_8);
        RecordMetadata receipt = producer.send(ProducerRecord.of("orders", key, key)).get();
        assertThat(receipt.partition()).isEqualTo(Murmur2.partition(key, 7));
      }
    }
  }

  @Test
  void recordsWithoutKeyStickToAPartitionUntilItsBatchCloses() {
    cluster.createTopic("orders", 4);
    try (Producer producer = producer().lingerMs(1_000).batchBytes(4 * 1024).build()) {
      for (int i = 0; i < 400; i++) {
        producer.send(ProducerRecord.of("orders", null, new byte[100]), null);
      }
      producer.flush();
    }
    int batches = 0;
    int used = 0;
    for (int i = 0; i < 4; i++) {
      int count = cluster.batchCount(new TopicPartition("orders", i));
      batches += count;
      used += count > 0 ? 1 : 0;
    }
    assertThat(batches).isBetween(11, 14);
    assertThat(used).isGreaterThan(1);
  }

  @Test
  void batchesThatCompressWellTakeMoreRecords() {
    cluster.createTopic("orders", 1);
    int plain = batchesOf(Codec.NONE);
    int compressed = batchesOf(Codec.ZSTD);
    assertThat(compressed).isLessThan(plain / 2);
    assertThat(cluster.values(FIRST)).hasSize(8_000);
  }

  private int batchesOf(Codec codec) {
    int before = cluster.batchCount(FIRST);
    try (Producer producer =
        producer().compression(codec).lingerMs(1_000).batchBytes(4 * 1024).build()) {
      for (int i = 0; i < 4_000; i++) {
        producer.send(ProducerRecord.of("orders", null, new byte[100]), null);
        if (i % 500 == 0) {
          producer.flush();
        }
      }
    }
    return cluster.batchCount(FIRST) - before;
  }

  /** One that lingers for ever, but only while something is on its way. */
  private Producer eagerProducer() {
    ProducerConfig config = Producer.builder().bootstrap(cluster.bootstrap()).config();
    assertThat(config.lingersWhenIdle()).isFalse();
    return Producer.open(
        new ProducerConfig(
            config.connection(),
            config.acks(),
            config.codec(),
            config.deliveryTimeoutMs() - 1,
            false,
            config.batchBytes(),
            config.bufferBytes(),
            config.maxInFlightPerPartition(),
            config.deliveryTimeoutMs(),
            config.requestTimeoutMs(),
            config.maxBlockMs(),
            config.idempotent()));
  }

  @Test
  void byDefaultNothingLingersWhileNothingIsOnItsWay() throws Exception {
    cluster.createTopic("orders", 4);
    try (Producer producer = eagerProducer()) {
      for (int i = 0; i < 20; i++) {
        List<CompletableFuture<RecordMetadata>> sends = new ArrayList<>();
        for (int partition = 0; partition < 4; partition++) {
          sends.add(producer.send(record(partition, "record " + i)));
        }
        for (CompletableFuture<RecordMetadata> send : sends) {
          assertThat(send.get(20, TimeUnit.SECONDS).offset()).isNotNegative();
        }
      }
    }
  }

  @Test
  void byDefaultRecordsGatherWhileABatchIsOnItsWay() throws Exception {
    cluster.createTopic("orders", 1);
    try (Producer producer = eagerProducer()) {
      producer.send(record(0, "warm")).get();
      cluster.silence(true);
      List<CompletableFuture<RecordMetadata>> sends = sendAll(producer, 100);
      cluster.silence(false);
      cluster.dropStreams();
      for (CompletableFuture<RecordMetadata> send : sends) {
        send.get(20, TimeUnit.SECONDS);
      }
    }
    assertThat(cluster.values(FIRST)).hasSize(101);
    assertThat(cluster.batchCount(FIRST)).isLessThanOrEqualTo(3);
  }

  @Test
  void aRecordAboveTheTopicsLimitFailsBeforeAnythingIsSent() throws Exception {
    cluster.createTopic("orders", 1);
    cluster.configure("orders", "max.message.bytes", "2000");
    try (Producer producer = producer().build()) {
      assertThat(producer.maxRecordBytes("orders")).isEqualTo(2000);
      CompletableFuture<RecordMetadata> send = producer.send(record(0, "x".repeat(2000)));
      assertThat(send).isCompletedExceptionally();
      assertThat(failureOf(send).code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
      String largest = "x".repeat(2000 - (int) Producer.sizeInBatch(record(0, "")) - 2);
      producer.send(record(0, largest)).get();
    }
    assertThat(cluster.values(FIRST)).hasSize(1);
  }

  @Test
  void aRecordAboveTheBrokersLimitFailsBeforeAnythingIsSent() {
    cluster.createTopic("orders", 1);
    cluster.maxBatchBytes(100_000);
    try (Producer producer = producer().build()) {
      CompletableFuture<RecordMetadata> send = producer.send(record(0, "x".repeat(100_000)));
      assertThat(failureOf(send).code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
      assertThat(producer.maxRecordBytes("orders")).isEqualTo(100_000);
    }
    assertThat(cluster.values(FIRST)).isEmpty();
  }

  @Test
  void batchesThatMayBecomeLargeWaitForTheBrokersLimit() {
    cluster.createTopic("orders", 1);
    cluster.maxBatchBytes(100_000);
    try (Producer producer = producer().lingerMs(10_000).batchBytes(4_000_000).build()) {
      for (int i = 0; i < 1_000; i++) {
        producer.send(record(0, "x".repeat(1_000)), null);
      }
      producer.flush();
    }
    assertThat(cluster.batchCount(FIRST)).isGreaterThan(10);
  }

  @Test
  void aRecordLargerThanABatchShouldBeTravelsAlone() throws Exception {
    cluster.createTopic("orders", 1);
    try (Producer producer = producer().batchBytes(1024).build()) {
      producer.send(record(0, "x".repeat(500_000))).get();
    }
    assertThat(cluster.values(FIRST)).containsExactly("x".repeat(500_000));
  }

  @Test
  void aFullBufferMakesSendersWaitThenFail() {
    cluster.createTopic("orders", 1);
    cluster.silence(true);
    try (Producer producer = producer().batchBytes(1024).bufferBytes(4096).maxBlockMs(10).build()) {
      List<CompletableFuture<RecordMetadata>> sends = sendAll(producer, 500);
      HighwaterException failure = failureOf(sends.get(499));
      assertThat(failure.code()).isEqualTo(ErrorCode.REQUEST_TIMED_OUT);
      assertThat(failure).hasMessageContaining("4096 bytes is full");
      producer.close(Duration.ZERO);
    }
  }

  @Test
  void backPressureLetsEverythingThroughInTheEnd() {
    cluster.createTopic("orders", 1);
    try (Producer producer = producer().batchBytes(1024).bufferBytes(4096).build()) {
      sendAll(producer, 3_000);
      producer.flush();
    }
    assertThat(cluster.values(FIRST)).isEqualTo(numbers(3_000));
  }

  @Test
  void closeDeliversWhatWasSent() {
    cluster.createTopic("orders", 1);
    try (Producer producer = producer().lingerMs(10_000).build()) {
      sendAll(producer, 10);
    }
    assertThat(cluster.values(FIRST)).isEqualTo(numbers(10));
  }

  @Test
  void closeAtOnceFailsWhatIsNotAcknowledged() {
    cluster.createTopic("orders", 1);
    cluster.silence(true);
    Producer producer = producer().build();
    CompletableFuture<RecordMetadata> send = producer.send(record(0, "lost"));
    producer.close(Duration.ZERO);
    assertThat(failureOf(send)).hasMessageContaining("closed");
    assertThatThrownBy(() -> producer.send(record(0, "more")))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void whatCloseLeavesBehindSaysWhyItWasNotDelivered() {
    cluster.createTopic("orders", 1);
    cluster.failNextAcks(
        Collections.nCopies(1_000, ErrorCode.KAFKA_STORAGE_ERROR).toArray(ErrorCode[]::new));
    Producer producer = producer().build();
    CompletableFuture<RecordMetadata> send = producer.send(record(0, "lost"));
    // The second try goes out after the first one's answer came.
    await().until(() -> cluster.failuresLeft() <= 998);
    producer.close(Duration.ZERO);
    assertThat(failureOf(send)).hasMessageContaining("closed, last KAFKA_STORAGE_ERROR");
  }

  @Test
  void aSenderThatWaitsForMemoryHearsOfTheClose() throws Exception {
    cluster.createTopic("orders", 1);
    cluster.silence(true);
    Producer producer = producer().batchBytes(1024).bufferBytes(1024).build();
    producer.send(record(0, "x".repeat(900)), null);
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    Thread sender =
        new Thread(
            () ->
                thrown.complete(
                    catchThrowable(() -> producer.send(record(0, "y".repeat(900)), null))));
    sender.start();
    await().until(() -> sender.getState() == Thread.State.TIMED_WAITING);
    producer.close(Duration.ZERO);
    assertThat(thrown.get())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void anInterruptedThreadClosesAllTheSame() {
    cluster.createTopic("orders", 1);
    cluster.silence(true);
    Producer producer = producer().build();
    CompletableFuture<RecordMetadata> send = producer.send(record(0, "lost"));
    Thread.currentThread().interrupt();
    producer.close(Duration.ofSeconds(Long.MAX_VALUE));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(failureOf(send)).hasMessageContaining("closed");
  }

  @Test
  void acksNoneAnswersWithoutAnOffsetToRelyOn() throws Exception {
    cluster.createTopic("orders", 1);
    try (Producer producer = producer().acks(Acks.NONE).build()) {
      producer.send(record(0, "sent")).get();
    }
    assertThat(cluster.values(FIRST)).containsExactly("sent");
  }
}
