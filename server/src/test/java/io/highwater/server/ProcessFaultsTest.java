package io.highwater.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.highwater.client.NewTopic;
import io.highwater.client.PartitionDescription;
import io.highwater.client.admin.Admin;
import io.highwater.client.consumer.Consumer;
import io.highwater.client.consumer.OffsetAndEpoch;
import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.log.LogDirectory;
import io.highwater.log.checkpoint.MetaProperties;
import io.highwater.log.io.FileStorage;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.grpc.NettyTransport;
import io.highwater.proto.v1.ListOffsetsRequest;
import io.highwater.proto.v1.OffsetAnswer;
import io.highwater.proto.v1.OffsetQuery;
import io.highwater.proto.v1.OffsetSpec;
import io.highwater.proto.v1.Outcome;
import io.highwater.proto.v1.PublishReceipt;
import io.highwater.proto.v1.PublishRequest;
import io.highwater.proto.v1.Record;
import io.netty.channel.EventLoopGroup;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three brokers in processes of their own, shared by the tests because they start slowly: each test
 * leaves them healed.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProcessFaultsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final Duration BELOW_KEEPALIVE = Duration.ofSeconds(8);
  private static final String TOPIC = "orders";
  private static final int RECORDS = 400;

  @TempDir static Path root;
  private BrokerProcesses brokers;

  /** What was acknowledged: value by offset. */
  private final Map<Long, String> acknowledged = new TreeMap<>();

  @BeforeAll
  void start() throws IOException {
    // What these tests do to a broker's data must not make it a controller that is refused (CTL-4).
    brokers = new BrokerProcesses(root, 3, "metadata.log.dir=" + root.resolve("metadata-{node}"));
    brokers.startAll();
    try (Admin admin = brokers.admin()) {
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .untilAsserted(
              () ->
                  admin.createTopic(
                      new NewTopic(
                          TOPIC,
                          1,
                          3,
                          Map.of(
                              "min.insync.replicas", "2",
                              "segment.bytes", "4096",
                              "max.message.bytes", "4096"))));
    }
  }

  @AfterAll
  void close() {
    brokers.close();
  }

  /** ISR-4, REP-1, REP-8: all are killed, the former leader's logs suffer, and it starts first. */
  @Test
  void whateverTheFormerLeaderLosesNothingAcknowledgedIsLost() {
    produce();
    int first = leader();
    killAllInSync();
    Path copy = root.resolve("copy");
    copyAll(brokers.directory(first), copy);
    cutEnd(newestSegment(first), 10);
    startAgain(first);
    verifyHealed("the end was cut off");

    produce();
    killAllInSync();
    deleteAll(brokers.directory(first));
    copyAll(copy, brokers.directory(first));
    startAgain(first);
    verifyHealed("the logs are an old copy");

    produce();
    int last = leader();
    UUID lost = directoryId(last);
    killAllInSync();
    deleteAll(brokers.directory(last));
    startAgain(last);
    await("the others go on (REC-7)")
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(describe().inSyncReplicas()).hasSize(2));
    assertThat(readAll("a missing directory")).containsAllEntriesOf(acknowledged);
    brokers.kill(last);
    LogDirectory.giveUp(root.resolve("metadata-" + last), new FileStorage(), List.of(lost));
    brokers.start(last).join();
    verifyHealed("all logs were lost");
  }

  /** Those that are behind would not help: what is lost of two of three is not promised. */
  private void killAllInSync() {
    awaitInSync("before all are killed");
    brokers.killAll();
  }

  private UUID directoryId(int node) {
    try {
      return MetaProperties.read(new FileStorage(), brokers.directory(node))
          .orElseThrow()
          .directoryId();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** FEN-2: it wakes with the question in its socket, before it hears of its successor. */
  @Test
  void aLeaderThatSleptThroughItsReplacementTellsNoStaleEnd() {
    produce();
    int zombie = leader();
    EventLoopGroup loops = NettyTransport.eventLoops(1, "zombie-client");
    ManagedChannel channel =
        NettyTransport.channel("127.0.0.1", brokers.clientPort(zombie), loops, 1 << 20).build();
    try {
      TestClient client = new TestClient(channel);
      long endBefore = latest(client).getOffset();
      assertThat(endBefore).isEqualTo(acknowledged.size());
      sendWhile(() -> brokers.freeze(zombie));
      await().atMost(PATIENCE).until(() -> leader() != zombie && leader() >= 0);
      CompletableFuture<OffsetAnswer> answer = CompletableFuture.supplyAsync(() -> latest(client));
      await().pollDelay(Duration.ofMillis(200)).until(() -> true);
      assertThat(answer).isNotDone();
      brokers.thaw(zombie);
      OffsetAnswer told = answer.join();
      assertThat(ErrorCode.of(told.getErrorValue()))
          .as("end offset %s, before %s", told.getOffset(), endBefore)
          .isIn(ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.OFFSET_NOT_AVAILABLE);
    } finally {
      channel.shutdownNow();
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
    verifyHealed("the leader slept");
  }

  /** Long before the connection's keepalive ends what hangs. */
  @Test
  void aConsumerLeavesALeaderThatHangsOnceItWasReplaced() {
    produce();
    TopicPartition partition = new TopicPartition(TOPIC, 0);
    int frozen = leader();
    try (Consumer consumer = Consumer.builder().bootstrap(brokers.bootstrap(frozen)).build()) {
      consumer.assign(List.of(partition));
      // With its epoch: what earlier tests may have lost is no concern of it.
      consumer.seek(
          partition, new OffsetAndEpoch(acknowledged.size() - 1, describe().leaderEpoch()));
      assertThat(consumer.poll(PATIENCE)).hasSize(1);
      sendWhile(() -> brokers.freeze(frozen));
      List<String> values = new ArrayList<>();
      await("what the next leader has")
          .atMost(BELOW_KEEPALIVE)
          .until(
              () -> {
                consumer
                    .poll(Duration.ofMillis(100))
                    .forEach(record -> values.add(new String(record.value(), UTF_8)));
                return values.contains("during the fault");
              });
      brokers.thaw(frozen);
    }
    verifyHealed("the leader hung");
  }

  /** ACK-2: the other broker does not wait for the hung one either. */
  @Test
  void aBrokerLeavesALeaderThatHangsWithWhatIsPublishedThroughIt() {
    produce();
    int frozen = leader();
    EventLoopGroup loops = NettyTransport.eventLoops(1, "publisher");
    ManagedChannel channel =
        NettyTransport.channel("127.0.0.1", brokers.clientPort(frozen % 3 + 1), loops, 1 << 20)
            .build();
    try {
      TestClient client = new TestClient(channel);
      acknowledged.put(publish(client, "published before").getOffset(), "published before");
      List<CompletableFuture<PublishReceipt>> caught = new ArrayList<>();
      sendWhile(
          () -> {
            brokers.freeze(frozen);
            for (int i = 0; i < 3; i++) {
              caught.add(CompletableFuture.supplyAsync(() -> publish(client, "caught")));
            }
          });
      for (CompletableFuture<PublishReceipt> publication : caught) {
        assertThat(publication)
            .succeedsWithin(BELOW_KEEPALIVE)
            .satisfies(
                receipt -> {
                  assertThat(ErrorCode.of(receipt.getErrorValue()))
                      .isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
                  assertThat(receipt.getOutcome()).isEqualTo(Outcome.OUTCOME_UNKNOWN);
                  assertThat(receipt.getErrorMessage()).contains("was replaced");
                });
      }
      acknowledged.put(publish(client, "published after").getOffset(), "published after");
      brokers.thaw(frozen);
    } finally {
      channel.shutdownNow();
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
    verifyHealed("the leader hung with what was published");
  }

  private static PublishReceipt publish(TestClient client, String value) {
    return client
        .pubSub()
        .publish(
            PublishRequest.newBuilder()
                .setTopic(TOPIC)
                .setAcks(io.highwater.proto.v1.Acks.ACKS_ALL)
                .addRecords(Record.newBuilder().setValue(ByteString.copyFromUtf8(value)))
                .build())
        .getReceipts(0);
  }

  /** A producer finds the next leader itself. */
  private void sendWhile(Runnable fault) {
    try (Producer producer =
        Producer.builder().bootstrap(brokers.bootstrap()).acks(Acks.ALL).build()) {
      for (String value : List.of("before the fault", "during the fault")) {
        long offset =
            producer
                .send(record(value))
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join()
                .offset();
        acknowledged.put(offset, value);
        if (value.startsWith("before")) {
          fault.run();
        }
      }
    }
  }

  private static OffsetAnswer latest(TestClient client) {
    return client
        .fetch()
        .listOffsets(
            ListOffsetsRequest.newBuilder()
                .addQueries(
                    OffsetQuery.newBuilder()
                        .setTopic(TOPIC)
                        .setCurrentLeaderEpoch(-1)
                        .setSpec(OffsetSpec.OFFSET_SPEC_LATEST))
                .build())
        .getAnswers(0);
  }

  private void startAgain(int first) {
    CompletableFuture<Void> started = brokers.start(first);
    for (int node = 1; node <= 3; node++) {
      if (node != first) {
        started = CompletableFuture.allOf(started, brokers.start(node));
      }
    }
    started.join();
  }

  private void produce() {
    try (Producer producer =
        Producer.builder().bootstrap(brokers.bootstrap()).acks(Acks.ALL).batchBytes(1024).build()) {
      Map<String, CompletableFuture<Long>> sent = new TreeMap<>();
      for (int i = 0; i < RECORDS; i++) {
        String value = "v" + acknowledged.size() + "-" + i + "-" + "x".repeat(40);
        sent.put(value, producer.send(record(value)).thenApply(ack -> ack.offset()));
      }
      sent.forEach((value, offset) -> acknowledged.put(offset.join(), value));
    }
  }

  private static ProducerRecord record(String value) {
    return new ProducerRecord(TOPIC, 0, null, value.getBytes(UTF_8), List.of(), ProducerRecord.NOW);
  }

  private int leader() {
    return describe().leaderId();
  }

  private PartitionDescription describe() {
    try (Admin admin = brokers.admin()) {
      return admin.describeTopic(TOPIC).partitions().get(0);
    }
  }

  /**
   * Everything acknowledged is there, alike on all, and everybody is in sync again.
   *
   * @param phase what happened before
   */
  private void verifyHealed(String phase) {
    awaitInSync("after " + phase);
    Map<Long, String> stored = readAll(phase);
    assertThat(stored).as(() -> told("stored after " + phase)).containsAllEntriesOf(acknowledged);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(List.of(logBytes(2), logBytes(3)))
                    .as(() -> told("alike after " + phase))
                    .containsOnly(logBytes(1)));
  }

  private void awaitInSync(String when) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(describe().inSyncReplicas())
                    .as(() -> told("in sync " + when))
                    .hasSize(3));
  }

  private String told(String what) {
    return what + ", while brokers said\n" + brokers.complaints();
  }

  private Map<Long, String> readAll(String phase) {
    Map<Long, String> records = new TreeMap<>();
    TopicPartition partition = new TopicPartition(TOPIC, 0);
    try (Consumer consumer = Consumer.builder().bootstrap(brokers.bootstrap()).build()) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      await("read after " + phase)
          .atMost(PATIENCE)
          .until(
              () -> {
                consumer
                    .poll(Duration.ofMillis(200))
                    .forEach(r -> records.put(r.offset(), new String(r.value(), UTF_8)));
                return consumer.position(partition) >= end;
              });
    }
    return records;
  }

  private ByteBuffer logBytes(int node) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      for (Path segment : segments(node)) {
        all.write(Files.readAllBytes(segment));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ByteBuffer.wrap(all.toByteArray());
  }

  private Path newestSegment(int node) {
    List<Path> segments = segments(node);
    return segments.get(segments.size() - 1);
  }

  private List<Path> segments(int node) {
    try (Stream<Path> files = Files.list(brokers.directory(node).resolve(TOPIC + "-0"))) {
      return new ArrayList<>(
          files.filter(file -> file.toString().endsWith(".log")).sorted().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void cutEnd(Path file, long bytes) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(Math.max(0, channel.size() - bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void deleteAll(Path directory) {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copyAll(Path from, Path to) {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        Files.copy(path, to.resolve(from.relativize(path)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
