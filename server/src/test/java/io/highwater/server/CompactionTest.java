package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.Codec;
import io.highwater.proto.record.RecordCursor;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.ErrorCode;
import io.highwater.proto.v1.PartitionRecords;
import io.highwater.proto.v1.TopicInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A compacted topic through a real broker. */
class CompactionTest {
  private static final Map<String, String> COMPACTED =
      Map.of(
          "cleanup.policy", "compact",
          "segment.bytes", "4096",
          "max.message.bytes", "2048",
          "min.cleanable.dirty.ratio", "0.01");

  private final BrokerFixture brokers = new BrokerFixture();

  @TempDir Path data;

  @AfterEach
  void close() {
    brokers.close();
  }

  private static ByteString keyed(String key, String value) {
    BatchBuilder builder = new BatchBuilder(Codec.NONE, 2048);
    builder.append(
        1_000,
        key == null ? null : key.getBytes(StandardCharsets.UTF_8),
        value.getBytes(StandardCharsets.UTF_8),
        List.of());
    return ByteString.copyFrom(builder.build());
  }

  private static List<String> values(TestClient client, TopicInfo topic, long end) {
    List<String> values = new ArrayList<>();
    long next = 0;
    while (next < end) {
      PartitionRecords fetched = client.fetch(topic, next, 0);
      assertThat(fetched.getError()).isEqualTo(ErrorCode.ERROR_CODE_UNSPECIFIED);
      UnsafeBuffer bytes = new UnsafeBuffer(fetched.getRecords().toByteArray());
      BatchView batch = new BatchView();
      try (RecordCursor records = new RecordCursor()) {
        for (int at = 0; at < bytes.capacity(); at += batch.sizeInBytes()) {
          batch.wrap(bytes, at);
          next = batch.nextOffset();
          records.wrap(bytes, at);
          while (records.next()) {
            values.add(new String(records.value(), StandardCharsets.UTF_8));
          }
        }
      }
    }
    return values;
  }

  @Test
  void severalLogsAreCompactedAtOnce() {
    HighwaterServer broker =
        brokers.start(data, "log.cleaner.backoff.ms", "20", "log.cleaner.threads", "3");
    TestClient client = brokers.client(broker);
    for (int t = 0; t < 4; t++) {
      TopicInfo topic = client.createTopic("t" + t, 1, COMPACTED);
      for (int i = 0; i < 60; i++) {
        client.produce(topic, Acks.ACKS_LEADER, keyed("k", i + "-".repeat(100)));
      }
    }
    await()
        .untilAsserted(
            () ->
                assertThat(Files.readString(data.resolve("cleaner-offset-checkpoint")))
                    .contains("t0 0 ", "t1 0 ", "t2 0 ", "t3 0 "));
    assertThat(Thread.getAllStackTraces().keySet())
        .filteredOn(thread -> thread.getName().startsWith("highwater-cleaner"))
        .hasSize(3);
  }

  @Test
  void theLastValueOfEachKeyIsLeftAlsoAfterARestart() {
    HighwaterServer broker = brokers.start(data, "log.cleaner.backoff.ms", "50");
    TestClient client = brokers.client(broker);
    TopicInfo topic = client.createTopic("latest", 1, COMPACTED);
    long end = 0;
    for (int i = 0; i < 120; i++) {
      String value = i + "-".repeat(100);
      end = client.produce(topic, Acks.ACKS_ALL, keyed("k" + i % 3, value)).getBaseOffset() + 1;
    }
    long all = end;

    await().untilAsserted(() -> assertThat(values(client, topic, all)).hasSizeLessThan(60));

    assertThat(values(client, topic, all))
        .contains("117" + "-".repeat(100), "118" + "-".repeat(100), "119" + "-".repeat(100));
    await()
        .untilAsserted(
            () ->
                assertThat(Files.readString(data.resolve("cleaner-offset-checkpoint")))
                    .contains("latest 0 "));
    assertThat(client.produce(topic, Acks.ACKS_ALL, keyed(null, "x")).getError())
        .isEqualTo(ErrorCode.ERROR_CODE_INVALID_RECORD);

    broker.stop();
    TestClient again = brokers.client(brokers.start(data));
    assertThat(values(again, topic, all)).hasSizeLessThan(60).contains("119" + "-".repeat(100));
  }
}
