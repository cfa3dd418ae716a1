package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.proto.record.Codec;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.ProduceAck;
import io.highwater.proto.v1.ProduceServiceGrpc;
import io.highwater.proto.v1.ProduceStreamRequest;
import io.highwater.proto.v1.TopicInfo;
import io.highwater.server.config.Listener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams of whose answers none is read, filled as far as they go (INP-1). */
class FilledStreamsTest {
  private static final String STREAM =
      "/" + ProduceServiceGrpc.getProduceStreamMethod().getFullMethodName();

  /** What may be sent on a stream before its server reads. */
  private static final int WINDOW_BYTES = 1 << 20;

  @TempDir Path data;

  /** No answer is read, so no more batches are, and they fill what the transport takes. */
  @Test
  void whoFillsStreamsThatAreNotReadFromIsTurnedOutAndOthersGoOn() throws IOException {
    try (BrokerFixture brokers = new BrokerFixture()) {
      HighwaterServer broker = brokers.start(data, "request.memory.ratio", "0.001");
      TestClient other = brokers.client(broker);
      TopicInfo topic = other.createTopic("t", 1, Map.of());
      byte[] refused = new byte[WINDOW_BYTES];
      byte[] batch = ProduceStreamRequest.newBuilder().setPartition(-1).build().toByteArray();
      int message = 5 + batch.length;
      for (int at = 0; at + message <= WINDOW_BYTES; at += message) {
        refused[at + 4] = (byte) batch.length;
        System.arraycopy(batch, 0, refused, at + 5, batch.length);
      }
      try (RawHttp2 client = new RawHttp2(broker.address(Listener.CLIENTS))) {
        assertThatThrownBy(
                () -> {
                  for (int i = 0; i < 100; i++) {
                    client.data(client.call(STREAM), refused);
                  }
                  client.awaitEnd();
                  throw new IOException("ended");
                })
            .isInstanceOf(IOException.class);
        ProduceAck ack = other.produce(topic, Acks.ACKS_ALL, TestClient.batch(Codec.NONE, "a"));
        assertThat(ack.getErrorValue()).isZero();
      }
    }
  }
}
