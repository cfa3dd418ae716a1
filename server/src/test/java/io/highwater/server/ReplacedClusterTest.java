package io.highwater.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.highwater.client.NewTopic;
import io.highwater.client.admin.Admin;
import io.highwater.client.cli.LoopbackPorts;
import io.highwater.client.consumer.Consumer;
import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A cluster is stopped, wiped and started again behind the same address: its clients are told. */
class ReplacedClusterTest {
  private static final TopicPartition PARTITION = new TopicPartition("t", 0);

  @TempDir Path root;

  @ParameterizedTest
  @CsvSource({
    "one, another, false, INCONSISTENT_CLUSTER_ID",
    "one, another, true, INCONSISTENT_CLUSTER_ID",
    "one, one, false, UNKNOWN_TOPIC_ID"
  })
  void aConsumerIsTold(String id, String nextId, boolean fromStart, ErrorCode code)
      throws IOException {
    String address = LoopbackPorts.HOST + ":" + LoopbackPorts.find(1).get(0);
    try (BrokerFixture brokers = new BrokerFixture();
        Consumer consumer = Consumer.builder().bootstrap(address).build()) {
      HighwaterServer first =
          brokers.start(
              root.resolve("first"), "listeners", "CLIENTS://" + address, "cluster.id", id);
      for (int i = 0; i < 5; i++) {
        create(address, "other-" + i);
      }
      create(address, "t");
      consumer.assign(List.of(PARTITION));
      if (fromStart) {
        consumer.seekToBeginning(List.of(PARTITION));
      } else {
        consumer.seekToEnd(List.of(PARTITION));
      }
      send(address);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> !consumer.poll(Duration.ofMillis(200)).isEmpty());
      first.stop();
      brokers.start(
          root.resolve("second"), "listeners", "CLIENTS://" + address, "cluster.id", nextId);
      create(address, "t");
      send(address);
      HighwaterException told =
          catchThrowableOfType(
              HighwaterException.class,
              () ->
                  await()
                      .atMost(Duration.ofSeconds(60))
                      .until(() -> !consumer.poll(Duration.ofMillis(200)).isEmpty()));
      assertThat(told.code()).isEqualTo(code);
    }
  }

  private static void create(String address, String name) {
    try (Admin admin = Admin.builder().bootstrap(address).build()) {
      await()
          .atMost(Duration.ofSeconds(40))
          .ignoreExceptions()
          .untilAsserted(() -> admin.createTopic(new NewTopic(name, 1, 1, Map.of())));
    }
  }

  private static void send(String address) {
    try (Producer producer = Producer.builder().bootstrap(address).build()) {
      producer.send(ProducerRecord.of("t", null, "v".getBytes(UTF_8))).join();
    }
  }
}
