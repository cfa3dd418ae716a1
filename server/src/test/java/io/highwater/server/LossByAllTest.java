package io.highwater.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.highwater.client.RecordLoss;
import io.highwater.client.consumer.Consumer;
import io.highwater.client.consumer.ConsumerRecord;
import io.highwater.client.consumer.OffsetAndEpoch;
import io.highwater.client.consumer.OffsetGapException;
import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.client.producer.RecordMetadata;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.v1.GapCause;
import io.highwater.proto.v1.OffsetSpecOrOffset;
import io.highwater.proto.v1.PubSubServiceGrpc;
import io.highwater.proto.v1.SubscribeRequest;
import io.highwater.proto.v1.SubscribeResponse;
import io.highwater.proto.v1.SubscribeStart;
import io.highwater.proto.v1.SubscribedGap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * All brokers lose power at once, and with it acknowledged records: nobody is left unaware (F5).
 */
class LossByAllTest {
  private static final TopicPartition PARTITION = new TopicPartition("t", 0);
  private static final int BEFORE = 30;
  private static final int KEPT = 12;
  private static final int AFTER = 40;

  @TempDir Path root;

  @Test
  void whatAllLostIsRecordedAndToldAndProducersGoOn() throws Exception {
    try (ThreeBrokers cluster = new ThreeBrokers(root, Map.of())) {
      cluster.start();
      cluster.createTopic("t", 3, Map.of("min.insync.replicas", "2"));
      try (Producer producer = Producer.builder().bootstrap(cluster.bootstrap()).build();
          Consumer reader = consumer(cluster)) {
        reader.assign(List.of(PARTITION));
        reader.seek(PARTITION, 0);
        for (int i = 0; i < BEFORE; i++) {
          send(producer, "old-" + i).join();
        }
        assertThat(read(reader, BEFORE)).isEqualTo(values("old-", BEFORE));
        OffsetAndEpoch kept = reader.offsetAndEpoch(PARTITION);
        assertThat(kept.offset()).isEqualTo(BEFORE);

        cluster.crashAll();
        for (int id = 1; id <= 3; id++) {
          losePower(cluster.directory(id));
        }
        List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          sent.add(send(producer, "new-" + i));
        }
        cluster.startAll();
        await()
            .atMost(ThreeBrokers.PATIENCE)
            .ignoreExceptions()
            .until(() -> cluster.describe("t").hasLeader());
        for (int i = 3; i < AFTER; i++) {
          sent.add(send(producer, "new-" + i));
        }
        for (int i = 0; i < AFTER; i++) {
          assertThat(sent.get(i).join().offset()).as("in order, once").isEqualTo(KEPT + i);
        }

        isOnRecord(cluster);
        theReaderIsTold(reader);
        whoComesBackIsTold(cluster, kept);
        subscribersAreTold(cluster, kept.leaderEpoch());
      }
    }
  }

  private static void isOnRecord(ThreeBrokers cluster) {
    assertThat(cluster.admin().describeTopic("t").losses())
        .singleElement()
        .satisfies(
            loss -> {
              assertThat(loss.cause()).isEqualTo(RecordLoss.Cause.ALL_UNCLEAN);
              assertThat(loss.fromOffset()).isEqualTo(KEPT);
              assertThat(loss.isNone()).isFalse();
            });
    assertThat(cluster.admin().describeCluster().longestLogElections()).isEqualTo(1);
  }

  /** Its connection broke, and its log has grown past its position meanwhile. */
  private static void theReaderIsTold(Consumer reader) {
    for (int i = 0; i < 2; i++) {
      OffsetGapException gap = gapOf(reader);
      assertThat(gap.gapCause()).isEqualTo(OffsetGapException.Cause.LOST);
      assertThat(gap.from()).isEqualTo(BEFORE);
      assertThat(gap.to()).isEqualTo(KEPT);
      assertThat(gap).hasMessageContaining("restarted uncleanly");
    }
    reader.seek(PARTITION, KEPT);
    assertThat(read(reader, AFTER)).isEqualTo(values("new-", AFTER));
  }

  private static void whoComesBackIsTold(ThreeBrokers cluster, OffsetAndEpoch kept) {
    try (Consumer exact = consumer(cluster);
        Consumer plain = consumer(cluster);
        Consumer fresh = consumer(cluster)) {
      exact.assign(List.of(PARTITION));
      exact.seek(PARTITION, kept);
      assertThat(gapOf(exact).gapCause()).isEqualTo(OffsetGapException.Cause.LOST);
      exact.seek(PARTITION, new OffsetAndEpoch(KEPT, kept.leaderEpoch()));
      assertThat(read(exact, AFTER)).as("nothing lost before").hasSize(AFTER);

      plain.assign(List.of(PARTITION));
      plain.seek(PARTITION, BEFORE);
      assertThat(gapOf(plain).gapCause()).isEqualTo(OffsetGapException.Cause.MAYBE_LOST);
      assertThat(read(plain, 1)).as("told once").containsExactly("new-" + (BEFORE - KEPT));

      fresh.assign(List.of(PARTITION));
      fresh.seekToEnd(List.of(PARTITION));
      assertThat(fresh.poll(Duration.ofMillis(500)).isEmpty()).as("not of its concern").isTrue();
    }
  }

  private static void subscribersAreTold(ThreeBrokers cluster, int lastEpoch)
      throws InterruptedException {
    SubscribeStart plain =
        SubscribeStart.newBuilder()
            .setTopic("t")
            .addPartitions(0)
            .setFrom(OffsetSpecOrOffset.newBuilder().setOffset(BEFORE))
            .build();
    ManagedChannel channel =
        Grpc.newChannelBuilder(
                cluster
                    .broker(cluster.describe("t").leaderId())
                    .address(io.highwater.server.config.Listener.CLIENTS)
                    .toString(),
                InsecureChannelCredentials.create())
            .build();
    try {
      BlockingQueue<SubscribeResponse> unaware = subscribe(channel, plain);
      SubscribedGap maybe = unaware.poll(10, TimeUnit.SECONDS).getGap();
      assertThat(maybe.getCause()).isEqualTo(GapCause.GAP_CAUSE_LOST);
      assertThat(maybe.getFrom()).isEqualTo(KEPT);
      assertThat(maybe.getTo()).isEqualTo(BEFORE);
      assertThat(maybe.getNextOffset()).isEqualTo(BEFORE);
      assertThat(unaware.poll(10, TimeUnit.SECONDS).getRecords().getRecords(0).getOffset())
          .isEqualTo(BEFORE);

      BlockingQueue<SubscribeResponse> exact =
          subscribe(channel, plain.toBuilder().setLastEpoch(lastEpoch).build());
      assertThat(exact.poll(10, TimeUnit.SECONDS).getGap().getNextOffset()).isEqualTo(KEPT);
      assertThat(exact.poll(10, TimeUnit.SECONDS).getRecords().getRecords(0).getOffset())
          .isEqualTo(KEPT);
    } finally {
      channel.shutdownNow();
    }
  }

  private static BlockingQueue<SubscribeResponse> subscribe(
      ManagedChannel channel, SubscribeStart start) {
    BlockingQueue<SubscribeResponse> frames = new LinkedBlockingQueue<>();
    PubSubServiceGrpc.newStub(channel)
        .subscribe(
            new StreamObserver<>() {
              @Override
              public void onNext(SubscribeResponse frame) {
                frames.add(frame);
              }

              @Override
              public void onError(Throwable failure) {}

              @Override
              public void onCompleted() {}
            })
        .onNext(SubscribeRequest.newBuilder().setStart(start).build());
    return frames;
  }

  /** What was not flushed is gone: all but the first batches, and whatever was derived of them. */
  private static void losePower(Path broker) throws IOException {
    Files.delete(broker.resolve("running-broker")); // The machine is in another run of its own now.
    Path directory = broker.resolve(PARTITION.topic() + "-" + PARTITION.partition());
    Path log = directory.resolve("00000000000000000000.log");
    byte[] bytes = Files.readAllBytes(log);
    BatchView batch = new BatchView();
    int end = 0;
    while (batch.wrap(new UnsafeBuffer(bytes), end).nextOffset() <= KEPT) {
      end += batch.sizeInBytes();
    }
    Files.write(log, java.util.Arrays.copyOf(bytes, end));
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(f -> f.toString().contains(".snapshot")).toList()) {
        Files.delete(file);
      }
    }
  }

  private static Consumer consumer(ThreeBrokers cluster) {
    return Consumer.builder().bootstrap(cluster.bootstrap()).build();
  }

  private static CompletableFuture<RecordMetadata> send(Producer producer, String value) {
    return producer.send(ProducerRecord.of("t", null, value.getBytes(UTF_8)));
  }

  private static OffsetGapException gapOf(Consumer consumer) {
    return catchThrowableOfType(
        OffsetGapException.class,
        () -> await().atMost(ThreeBrokers.PATIENCE).until(() -> pollsNothing(consumer)));
  }

  private static boolean pollsNothing(Consumer consumer) {
    assertThat(consumer.poll(Duration.ofMillis(200)).isEmpty()).as("other content").isTrue();
    return false;
  }

  private static List<String> read(Consumer consumer, int count) {
    List<String> values = new ArrayList<>();
    await()
        .atMost(ThreeBrokers.PATIENCE)
        .until(
            () -> {
              for (ConsumerRecord record : consumer.poll(Duration.ofMillis(200))) {
                if (values.size() < count) {
                  values.add(new String(record.value(), UTF_8));
                }
              }
              return values.size() == count;
            });
    return values;
  }

  private static List<String> values(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
  }
}
