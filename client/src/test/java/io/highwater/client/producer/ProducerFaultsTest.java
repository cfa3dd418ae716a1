package io.highwater.client.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.highwater.client.BrokerUnreachableException;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The producer when streams break, leaders move and batches or topics are refused. */
@Timeout(30)
class ProducerFaultsTest extends ProducerFixture {
  @Test
  void lostAcksAreRepeatedAndRecognised() throws Exception {
    cluster.createTopic("orders", 1);
    try (Producer producer = producer().build()) {
      producer.send(record(0, "warm")).get();
      cluster.loseNextAcks(3);
      RecordMetadata receipt = producer.send(record(0, "once")).get();
      assertThat(receipt.duplicate()).isTrue();
      assertThat(receipt.offset()).isEqualTo(1);
    }
    assertThat(cluster.values(FIRST)).containsExactly("warm", "once");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5})
  void breakingStreamsNeitherLoseNorRepeatNorReorder(int maxInFlight) throws Exception {
    cluster.createTopic("orders", 1);
    cluster.dropRate(0.1);
    try (Producer producer =
        producer().batchBytes(1024).maxInFlightPerPartition(maxInFlight).build()) {
      List<CompletableFuture<RecordMetadata>> sends = sendAll(producer, 3_000);
      producer.flush();
      for (int i = 0; i < sends.size(); i++) {
        assertThat(sends.get(i).get().offset()).isEqualTo(i);
      }
    }
    assertThat(cluster.values(FIRST)).isEqualTo(numbers(3_000));
  }

  @Test
  void followsTheLeaderByItsHint() throws Exception {
    cluster.createTopic("orders", 1);
    try (Producer producer = producer().batchBytes(1024).build()) {
      List<CompletableFuture<RecordMetadata>> sends = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        if (i % 100 == 99) {
          cluster.moveLeader(FIRST, i / 100 % 2 + 1);
        }
        sends.add(producer.send(record(0, "record " + i)));
      }
      producer.flush();
      assertThat(sends.get(999).get().leaderEpoch()).isPositive();
    }
    assertThat(cluster.values(FIRST)).isEqualTo(numbers(1_000));
  }

  @Test
  void leavesALeaderThatHangsOnceAnotherLeads() throws Exception {
    cluster.createTopic("orders", 1);
    try (Producer producer = producer().build()) {
      producer.send(record(0, "record 0")).get();
      cluster.silence(true);
      CompletableFuture<RecordMetadata> send = producer.send(record(0, "record 1"));
      await().until(() -> cluster.values(FIRST).size() == 2);
      cluster.moveLeader(FIRST, 2);
      cluster.silence(false);

      assertThat(send.get(10, TimeUnit.SECONDS).offset()).isEqualTo(1);
    }
    assertThat(cluster.values(FIRST)).isEqualTo(numbers(2));
  }

  @Test
  void survivesTheDeathOfALeader() throws Exception {
    cluster.createTopic("orders", 1);
    try (Producer producer = producer().batchBytes(1024).build()) {
      producer.send(record(0, "record 0")).get();
      List<CompletableFuture<RecordMetadata>> sends = new ArrayList<>();
      for (int i = 1; i < 500; i++) {
        if (i == 250) {
          cluster.stop(1);
        }
        sends.add(producer.send(record(0, "record " + i)));
      }
      producer.flush();
      assertThat(sends.get(498).get().offset()).isEqualTo(499);
    }
    assertThat(cluster.values(FIRST)).isEqualTo(numbers(500));
  }

  @Test
  void refusalsAreRetriedInOrder() {
    cluster.createTopic("orders", 1);
    try (Producer producer = producer().batchBytes(1024).build()) {
      producer.send(record(0, "record 0"), null);
      producer.flush();
      cluster.failNextAcks(
          ErrorCode.NOT_ENOUGH_REPLICAS,
          ErrorCode.CORRUPT_MESSAGE,
          ErrorCode.LEADER_NOT_AVAILABLE,
          ErrorCode.NOT_ENOUGH_REPLICAS);
      for (int i = 1; i < 500; i++) {
        producer.send(record(0, "record " + i), null);
      }
      producer.flush();
    }
    assertThat(cluster.values(FIRST)).isEqualTo(numbers(500));
  }

  @Test
  void saysWhatIsInTheWayUntilItIsNot() throws Exception {
    cluster.createTopic("orders", 1);
    try (Producer producer = producer().build()) {
      producer.send(record(0, "record 0")).get();
      assertThat(producer.obstacle().get()).isEmpty();
      cluster.failNextAcks(
          Collections.nCopies(5, ErrorCode.NOT_ENOUGH_REPLICAS).toArray(ErrorCode[]::new));

      CompletableFuture<RecordMetadata> send = producer.send(record(0, "record 1"));
      await()
          .pollInterval(Duration.ofMillis(1))
          .untilAsserted(
              () ->
                  assertThat(producer.obstacle().get())
                      .hasValueSatisfying(
                          obstacle -> {
                            assertThat(obstacle.code()).isEqualTo(ErrorCode.NOT_ENOUGH_REPLICAS);
                            assertThat(obstacle).hasMessageContaining("orders-0");
                          }));

      send.get();
      cluster.silence(true);
      CompletableFuture<RecordMetadata> unhindered = producer.send(record(0, "record 2"));
      await().until(() -> cluster.values(FIRST).size() == 3);
      assertThat(producer.obstacle().get()).isEmpty();
      cluster.silence(false);
      cluster.dropStreams();
      unhindered.get();
    }
  }

  @Test
  void saysWhyNobodyLeads() throws Exception {
    cluster.createTopic("orders", 1);
    cluster.leaderless(FIRST, "start broker 7");
    try (Producer producer = producer().build()) {
      CompletableFuture<RecordMetadata> send = producer.send(record(0, "record 0"));
      await()
          .untilAsserted(
              () ->
                  assertThat(producer.obstacle().get())
                      .hasValueSatisfying(
                          obstacle ->
                              assertThat(obstacle)
                                  .hasMessageContaining("orders-0: start broker 7")
                                  .returns(
                                      ErrorCode.LEADER_NOT_AVAILABLE, HighwaterException::code)));
      cluster.moveLeader(FIRST, 1);
      send.get();
      assertThat(producer.obstacle().get()).isEmpty();
    }
  }

  /** As at a new leader that does not know yet that it leads, and learns it between two batches. */
  @Test
  void callbacksComeInTheOrderOfTheSendsThoughAnOlderBatchIsRefusedMeanwhile() throws Exception {
    cluster.createTopic("orders", 1);
    List<String> acknowledged = new CopyOnWriteArrayList<>();
    try (Producer producer = producer().build()) {
      producer.send(record(0, "warm")).get();
      cluster.silence(true);
      for (String value : List.of("a", "b", "c")) {
        int before = cluster.batchCount(FIRST);
        producer.send(record(0, value), (metadata, failure) -> acknowledged.add(value));
        await().until(() -> cluster.batchCount(FIRST) > before);
      }
      cluster.failNextAcks(ErrorCode.UNKNOWN_LEADER_EPOCH);
      cluster.silence(false);
      cluster.dropStreams();
      producer.flush();
    }
    assertThat(acknowledged).containsExactly("a", "b", "c");
    assertThat(cluster.values(FIRST)).containsExactly("warm", "a", "b", "c");
  }

  @Test
  void raisesTheEpochWhenTheBrokerForgotTheProducer() throws Exception {
    cluster.createTopic("orders", 1);
    try (Producer producer = producer().batchBytes(1024).build()) {
      producer.send(record(0, "record 0")).get();
      cluster.forgetProducers();
      for (int i = 1; i < 500; i++) {
        producer.send(record(0, "record " + i), null);
      }
      producer.flush();
    }
    assertThat(cluster.values(FIRST)).isEqualTo(numbers(500));
  }

  @Test
  void oneRefusedBatchDoesNotBlockThoseBehindIt() throws Exception {
    cluster.createTopic("orders", 1);
    try (Producer producer = producer().build()) {
      producer.send(record(0, "before")).get();
      cluster.failNextAcks(ErrorCode.INVALID_RECORD);
      CompletableFuture<RecordMetadata> refused = producer.send(record(0, "refused"));
      ProduceFailure failure = (ProduceFailure) failureOf(refused);
      assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_RECORD);
      assertThat(failure.outcome()).isEqualTo(Outcome.REFUSED);
      assertThat(producer.send(record(0, "after")).get().offset()).isEqualTo(1);
    }
    assertThat(cluster.values(FIRST)).containsExactly("before", "after");
  }

  @Test
  void aBatchOutOfTimeIsMaybeAppendedAndTheNextOnesGoOn() throws Exception {
    cluster.createTopic("orders", 1);
    try (Producer producer = producer().deliveryTimeoutMs(400).build()) {
      producer.send(record(0, "before")).get();
      cluster.silence(true);
      ProduceFailure failure = (ProduceFailure) failureOf(producer.send(record(0, "doubtful")));
      assertThat(failure.code()).isEqualTo(ErrorCode.REQUEST_TIMED_OUT);
      assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
      cluster.silence(false);
      producer.send(record(0, "after")).get();
    }
    assertThat(cluster.values(FIRST)).containsExactly("before", "doubtful", "after");
  }

  @Test
  void anUnknownTopicIsANamedError() {
    try (Producer producer = producer().build()) {
      HighwaterException failure = failureOf(producer.send(record(0, "lost")));
      assertThat(failure.code()).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
      assertThat(failure).hasMessageContaining("orders");
    }
  }

  @Test
  void anUnknownPartitionIsANamedError() {
    cluster.createTopic("orders", 2);
    try (Producer producer = producer().build()) {
      HighwaterException failure = failureOf(producer.send(record(2, "lost")));
      assertThat(failure.code()).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }
  }

  @Test
  void aTopicCreatedAnewGetsWhatIsSentFromThenOn() throws Exception {
    cluster.createTopic("orders", 1);
    try (Producer producer = producer().build()) {
      producer.send(record(0, "old life")).get();
      cluster.deleteTopic("orders");
      cluster.createTopic("orders", 1);
      assertThat(failureOf(producer.send(record(0, "between"))).code())
          .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
      producer.send(record(0, "new life")).get();
    }
    assertThat(cluster.values(FIRST)).containsExactly("new life");
  }

  @Test
  void aClosedProducerSaysSoWhateverItIsAskedFor() {
    Producer producer = producer().build();
    producer.close();
    assertThatThrownBy(producer::flush)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(producer::obstacle)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> producer.send(record(0, "late")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  /** ACK-2: what counts is what the broker says of the try, not the error's name. */
  @Test
  void whetherARefusedBatchMayBeThereIsWhatTheBrokerSays() throws Exception {
    cluster.createTopic("orders", 1);
    try (Producer producer = producer().build()) {
      producer.send(record(0, "before")).get();
      cluster.failNextAcks(ErrorCode.UNKNOWN_SERVER_ERROR);
      assertThat(failureOf(producer.send(record(0, "open"))))
          .hasMessageEndingWith("(may have been appended)")
          .returns(Outcome.UNKNOWN, HighwaterException::outcome);
      cluster.failNextAcks(ErrorCode.MESSAGE_TOO_LARGE);
      assertThat(failureOf(producer.send(record(0, "refused"))))
          .hasMessageEndingWith("(refused)")
          .returns(Outcome.REFUSED, HighwaterException::outcome);
    }
  }

  @Test
  void whoDoesNotWaitForBrokersHearsSoonWhoCannotBeReached() {
    String address = cluster.bootstrap().split(",", -1)[0];
    cluster.close();
    try (Producer producer = Producer.builder().bootstrap(address).waitForBrokers(false).build()) {
      assertThatThrownBy(() -> producer.partitions("orders"))
          .isInstanceOf(BrokerUnreachableException.class)
          .hasMessageContaining(address)
          .hasMessageContaining("refused");
    }
  }
}
