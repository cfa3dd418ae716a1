package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.highwater.proto.record.Codec;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.SubscribedRecord;
import io.highwater.proto.v1.TopicInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers that share less memory than all of them could use for one record each (INP-1). */
class LargeRecordReadersTest {
  private static final int RECORDS = 15;
  private static final int RECORD_BYTES = 500_000;
  private static final int READERS = 6;

  @TempDir Path data;

  @Test
  void readersOfOneConnectionThatWaitForRoomAllGetOn() throws InterruptedException {
    try (BrokerFixture brokers = new BrokerFixture()) {
      // Of 1 GiB of heap 31 MiB, of which a connection is to hold less than 1 MiB.
      TestClient client = brokers.client(brokers.start(data, "reader.memory.ratio", "0.03"));
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
