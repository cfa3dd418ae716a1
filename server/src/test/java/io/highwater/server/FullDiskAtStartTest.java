package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.highwater.log.space.DirectorySpace;
import io.highwater.proto.record.Codec;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.TopicInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A broker with a controller whose disk is full when it starts says so and goes on by itself. */
class FullDiskAtStartTest {
  private static final long ROOM = 1L << 40;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final BrokerFixture brokers = new BrokerFixture();
  private final FaultyStorage disk = new FaultyStorage();
  private final Queue<String> told = new ConcurrentLinkedQueue<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger("io.highwater");
  private final AppenderBase<ILoggingEvent> listener =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          told.add(event.getFormattedMessage());
        }
      };

  @TempDir Path data;

  @BeforeEach
  void listen() {
    listener.start();
    logger.addAppender(listener);
  }

  @AfterEach
  void close() {
    brokers.close();
    logger.detachAppender(listener);
  }

  private void awaitWord(String text) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(told).anyMatch(line -> line.contains(text)));
  }

  private TopicInfo filledAndKilled() {
    HighwaterServer broker = brokers.start(data);
    TestClient client = brokers.client(broker);
    TopicInfo topic = client.createTopic("t", 1, Map.of());
    client.produce(topic, Acks.ACKS_ALL, TestClient.batch(Codec.NONE, "a"));
    broker.crash();
    return topic;
  }

  private void servesAll(HighwaterServer broker, TopicInfo topic) {
    TestClient client = brokers.client(broker);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(TestClient.values(client.fetch(topic, 0, 0).getRecords()))
                    .containsExactly("a"));
    client.createTopic("later", 1, Map.of());
  }

  @Test
  void theStartWaitsForRoomAndSaysWhere() {
    TopicInfo topic = filledAndKilled();
    disk.free(0);
    HighwaterServer broker = brokers.broker(data, disk.storage());
    CompletableFuture<Void> start = CompletableFuture.runAsync(broker::start);

    awaitWord("the disk of " + data + " is full, 0 bytes are free");
    assertThat(start).isNotDone();
    disk.free(ROOM);

    assertThat(start).succeedsWithin(PATIENCE);
    servesAll(broker, topic);
  }

  @Test
  void aBrokerThatWaitsForRoomCanBeStopped() {
    filledAndKilled();
    disk.free(0);
    HighwaterServer broker = brokers.broker(data, disk.storage());
    CompletableFuture<Void> start = CompletableFuture.runAsync(broker::start);
    awaitWord("waits with its start");

    broker.close();
    assertThat(start).failsWithin(PATIENCE);
  }

  @Test
  void whatIsHeldInReserveIsGivenUpFirst() throws IOException {
    filledAndKilled();
    Path reserve = Files.write(data.resolve(DirectorySpace.RESERVE_FILE), new byte[1]);
    disk.free(0);
    HighwaterServer broker = brokers.broker(data, disk.storage());
    CompletableFuture<Void> start = CompletableFuture.runAsync(broker::start);

    await().atMost(PATIENCE).until(() -> !Files.exists(reserve));
    disk.free(ROOM);
    assertThat(start).succeedsWithin(PATIENCE);
  }
}
