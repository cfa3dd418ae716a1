package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.highwater.proto.record.Codec;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.ErrorCode;
import io.highwater.proto.v1.PartitionRecords;
import io.highwater.proto.v1.ProduceAck;
import io.highwater.proto.v1.TopicInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What topics ask of their logs, through a real broker. */
class RetentionAndFlushTest {
  private final BrokerFixture brokers = new BrokerFixture();

  @TempDir Path data;

  @AfterEach
  void close() {
    brokers.close();
  }

  @Test
  void recordsAndTheirFilesGoAfterTheirRetention() {
    HighwaterServer broker = brokers.start(data, "log.retention.check.interval.ms", "50");
    TestClient client = brokers.client(broker);
    TopicInfo topic =
        client.createTopic("short", 1, Map.of("retention.ms", "100", "file.delete.delay.ms", "0"));
    client.produce(topic, Acks.ACKS_ALL, TestClient.batch(Codec.NONE, "a", "b"));

    await()
        .untilAsserted(
            () -> {
              PartitionRecords fetched = client.fetch(topic, 2, 0);
              assertThat(fetched.getError()).isEqualTo(ErrorCode.ERROR_CODE_UNSPECIFIED);
              assertThat(fetched.getStatus().getLogStartOffset()).isEqualTo(2);
            });
    assertThat(client.fetch(topic, 0, 0).getError())
        .isEqualTo(ErrorCode.ERROR_CODE_OFFSET_OUT_OF_RANGE);
    await()
        .untilAsserted(
            () -> assertThat(logFiles("short-0")).containsExactly("00000000000000000002.log"));
    assertThat(
            client.produce(topic, Acks.ACKS_ALL, TestClient.batch(Codec.NONE, "c")).getBaseOffset())
        .isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"ACKS_ALL, group, 1", "ACKS_LEADER, group, 1", "ACKS_ALL, os, 0"})
  void aReceiptCountsTheReplicasThatHaveItOnDisk(Acks acks, String policy, int fsynced) {
    TestClient client = brokers.client(brokers.start(data));
    TopicInfo topic = client.createTopic("receipts", 1, Map.of("flush.policy", policy));

    ProduceAck ack = client.produce(topic, acks, TestClient.batch(Codec.NONE, "a"));

    assertThat(ack.getError()).isEqualTo(ErrorCode.ERROR_CODE_UNSPECIFIED);
    assertThat(ack.getReplicas()).isEqualTo(1);
    assertThat(ack.getFsynced()).isEqualTo(fsynced);
  }

  private List<String> logFiles(String partition) throws IOException {
    try (Stream<Path> files = Files.list(data.resolve(partition))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".log"))
          .toList();
    }
  }
}
