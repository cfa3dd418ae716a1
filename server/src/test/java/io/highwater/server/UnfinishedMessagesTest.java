package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.record.Codec;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.MetadataServiceGrpc;
import io.highwater.proto.v1.ProduceAck;
import io.highwater.proto.v1.ProduceServiceGrpc;
import io.highwater.proto.v1.TopicInfo;
import io.highwater.server.config.HostPort;
import io.highwater.server.config.Listener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages of which the last byte never comes (INP-1). */
class UnfinishedMessagesTest {
  private static final String UNARY =
      "/" + ProduceServiceGrpc.getProduceMethod().getFullMethodName();
  private static final String STREAM =
      "/" + ProduceServiceGrpc.getProduceStreamMethod().getFullMethodName();
  private static final String DESCRIBE =
      "/" + MetadataServiceGrpc.getDescribeClusterMethod().getFullMethodName();
  private static final int LARGE = 4_000_000;

  @TempDir Path data;

  @Test
  void aMessageThatDoesNotComeWholeInTimeEndsItsCallByName() throws IOException {
    try (BrokerFixture brokers = new BrokerFixture()) {
      HighwaterServer broker = brokers.start(data, "request.receive.timeout.ms", "1000");
      try (RawHttp2 client = new RawHttp2(address(broker))) {
        int half = client.call(UNARY);
        client.beginMessage(half, 1_000, 999);
        assertThat(client.end(half)).contains("REQUEST_TIMED_OUT", "did not come whole", "unknown");

        int silent = client.call(UNARY);
        assertThat(client.end(silent)).contains("REQUEST_TIMED_OUT");

        int notEnded = client.call(DESCRIBE);
        client.beginMessage(notEnded, 0, 0);
        assertThat(client.end(notEnded)).contains("REQUEST_TIMED_OUT");

        int stream = client.call(STREAM);
        client.end(stream);
        client.beginMessage(stream, 1_000, 999);
        assertThat(client.end(stream)).contains("REQUEST_TIMED_OUT");
      }
    }
  }

  @Test
  void moreUnfinishedMessagesThanMayBeAreRefusedByNameAndOthersGoOn() throws IOException {
    try (BrokerFixture brokers = new BrokerFixture()) {
      HighwaterServer broker = brokers.start(data, "request.memory.ratio", "0.001");
      TestClient other = brokers.client(broker);
      TopicInfo topic = other.createTopic("t", 1, Map.of());
      try (RawHttp2 client = new RawHttp2(address(broker))) {
        int first = client.call(UNARY);
        client.beginMessage(first, LARGE, LARGE - 1);
        client.beginMessage(client.call(UNARY), LARGE, LARGE - 1);
        int newest = client.call(UNARY);
        client.beginMessage(newest, LARGE, LARGE - 1);

        assertThat(client.end(newest))
            .contains("THROTTLING_QUOTA_EXCEEDED", "request.memory.ratio");
        ProduceAck ack = other.produce(topic, Acks.ACKS_ALL, TestClient.batch(Codec.NONE, "a"));
        assertThat(ack.getErrorValue()).isZero();

        // Nor does what does not move stay in the way of others.
        assertThat(client.end(first)).contains("THROTTLING_QUOTA_EXCEEDED", "nothing more comes");
      }
    }
  }

  private static HostPort address(HighwaterServer broker) {
    return broker.address(Listener.CLIENTS);
  }
}
