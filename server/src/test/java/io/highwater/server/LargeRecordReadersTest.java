package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.highwater.proto.record.Codec;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.PartitionRecords;
import io.highwater.proto.v1.SubscribedRecord;
import io.highwater.proto.v1.TopicInfo;
import io.highwater.server.config.HostPort;
import io.highwater.server.config.Listener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers that share less memory than all of them could use for one record each (INP-1). */
class LargeRecordReadersTest {
  private static final int RECORDS = 15;
  private static final int RECORD_BYTES = 500_000;
  private static final int READERS = 6;
  private static final int UNREAD = 8;

  /** Of which a record of an unread stream fills all. */
  private static final int WINDOW_BYTES = 64 << 10;

  /** 31 MiB, of which a connection may hold less than 1 MiB, and an eighth of what is free. */
  private static final String RATIO =
      String.valueOf((double) (31 << 20) / Runtime.getRuntime().maxMemory());

  private static final ExecutorService POLLERS = Executors.newCachedThreadPool();

  @TempDir Path data;

  @AfterAll
  static void stopPollers() {
    POLLERS.shutdownNow();
  }

  /** Each finds only by reading that the batch is larger than it thought. */
  @Test
  void pollsOfOneConnectionThatWaitForRoomAllGetTheirBatch() {
    try (BrokerFixture brokers = new BrokerFixture()) {
      TestClient client = brokers.client(brokers.start(data, "reader.memory.ratio", RATIO));
      TopicInfo topic = client.createTopic("large", 1, Map.of());
      ByteString batch = TestClient.batch(Codec.NONE, "x".repeat(900_000));
      assertThat(client.produce(topic, Acks.ACKS_ALL, batch).getErrorValue()).isZero();

      List<CompletableFuture<PartitionRecords>> polls = new ArrayList<>();
      for (int i = 0; i < 4 * READERS; i++) {
        polls.add(CompletableFuture.supplyAsync(() -> client.fetch(topic, 0, 20_000), POLLERS));
      }
      for (CompletableFuture<PartitionRecords> poll : polls) {
        assertThat(poll.join().getErrorValue()).isZero();
        assertThat(poll.join().getRecords().size()).isEqualTo(batch.size());
      }
    }
  }

  /** INP-1: they would hold what their connection may have for as long as it lives. */
  @Test
  void unreadStreamsOfAConnectionAreEndedWhenItsOthersNeedTheMemory() throws InterruptedException {
    try (BrokerFixture brokers = new BrokerFixture()) {
      HostPort address =
          brokers.start(data, "reader.memory.ratio", RATIO).address(Listener.CLIENTS);
      ManagedChannel channel =
          NettyChannelBuilder.forAddress(address.host(), address.port())
              .usePlaintext()
              .flowControlWindow(WINDOW_BYTES)
              .build();
      TestClient client = new TestClient(channel);
      TopicInfo topic = client.createTopic("large", 1, Map.of());
      ByteString batch = TestClient.batch(Codec.NONE, "x".repeat(900_000));
      for (int i = 0; i < RECORDS; i++) {
        assertThat(client.produce(topic, Acks.ACKS_ALL, batch).getErrorValue()).isZero();
      }

      List<Subscription> unread = new ArrayList<>();
      try (Subscription reads = Subscription.open(client.channel())) {
        for (int i = 0; i < UNREAD; i++) {
          unread.add(Subscription.deaf(client.channel()).start(Subscription.fromStart("large")));
        }
        reads.start(Subscription.fromStart("large"));
        assertThat(reads.records(RECORDS)).hasSize(RECORDS);
        assertThat(client.fetch(topic, 0, 20_000).getErrorValue()).isZero();
        assertThat(client.produce(topic, Acks.ACKS_ALL, batch).getErrorValue()).isZero();
        assertThat(reads.records(1)).hasSize(1);
      } finally {
        unread.forEach(Subscription::close);
        channel.shutdownNow();
      }
    }
  }

  @Test
  void readersOfOneConnectionThatWaitForRoomAllGetOn() throws InterruptedException {
    try (BrokerFixture brokers = new BrokerFixture()) {
      TestClient client = brokers.client(brokers.start(data, "reader.memory.ratio", RATIO));
      TopicInfo topic = client.createTopic("large", 1, Map.of());
      String[] values = new String[RECORDS];
      Arrays.fill(values, "x".repeat(RECORD_BYTES));
      ByteString batch = TestClient.batch(Codec.LZ4, values);
      assertThat(client.produce(topic, Acks.ACKS_ALL, batch).getErrorValue()).isZero();

      List<Subscription> readers = new ArrayList<>();
      try {
        for (int i = 0; i < READERS; i++) {
          readers.add(Subscription.open(client.channel()).start(Subscription.fromStart("large")));
        }
        for (Subscription reader : readers) {
          List<SubscribedRecord> records = reader.records(RECORDS);
          assertThat(records)
              .hasSize(RECORDS)
              .allMatch(record -> record.getRecord().getValue().size() == RECORD_BYTES);
        }
      } finally {
        readers.forEach(Subscription::close);
      }
    }
  }
}
