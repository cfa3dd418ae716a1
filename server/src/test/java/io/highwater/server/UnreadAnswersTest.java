package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.proto.grpc.StatusMapper;
import io.highwater.proto.v1.DescribeTopicsRequest;
import io.highwater.proto.v1.DescribeTopicsResponse;
import io.highwater.proto.v1.MetadataServiceGrpc;
import io.highwater.server.config.HostPort;
import io.highwater.server.config.Listener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that ask and do not read what they are answered (INP-1). */
class UnreadAnswersTest {
  private static final int PARTITIONS = 400;
  private static final int CALLS = 1_000;
  private static final int WINDOW_BYTES = 1 << 16;
  private static final Duration PATIENCE = Duration.ofSeconds(50);

  @TempDir Path data;

  @Test
  void whoReadsNoAnswersIsRefusedMoreAndOthersGoOn() {
    try (BrokerFixture brokers = new BrokerFixture()) {
      HighwaterServer broker =
          brokers.start(data, "reader.memory.ratio", "0.001", "max.streams.per.connection", "2000");
      TestClient other = brokers.client(broker);
      other.createTopic("t", PARTITIONS, Map.of());
      ManagedChannel channel = channel(broker);
      try {
        List<Unread> calls = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
          calls.add(new Unread(channel));
        }
        // Which of them cannot be told: room comes as the first answers are written.
        await()
            .atMost(PATIENCE)
            .untilAsserted(() -> assertThat(refusals(calls)).hasSizeGreaterThan(CALLS / 4));
        List<HighwaterException> refusals = refusals(calls);
        assertThat(refusals)
            .extracting(HighwaterException::code)
            .containsOnly(ErrorCode.THROTTLING_QUOTA_EXCEEDED);
        // Those that came before the first was refused so may have been carried out.
        assertThat(refusals).extracting(HighwaterException::outcome).contains(Outcome.REFUSED);
        assertThat(calls.get(0).failure).isNotDone();

        assertThat(describe(other)).isEqualTo(PARTITIONS);

        // Who reads goes on.
        calls.forEach(Unread::read);
        calls.forEach(call -> call.failure.join());
        Unread next = new Unread(channel);
        next.read();
        assertThat(next.failure.join()).isNull();
      } finally {
        channel.shutdownNow();
      }
    }
  }

  private static List<HighwaterException> refusals(List<Unread> calls) {
    return calls.stream()
        .map(call -> call.failure)
        .filter(CompletableFuture::isDone)
        .map(CompletableFuture::join)
        .toList();
  }

  private static int describe(TestClient client) {
    return client
        .metadata()
        .describeTopics(DescribeTopicsRequest.getDefaultInstance())
        .getTopics(0)
        .getPartitionsCount();
  }

  private static ManagedChannel channel(HighwaterServer broker) {
    HostPort address = broker.address(Listener.CLIENTS);
    return NettyChannelBuilder.forAddress(address.host(), address.port())
        .usePlaintext()
        .flowControlWindow(WINDOW_BYTES)
        .build();
  }

  /** A call of which nothing is read until it is asked for. */
  private static final class Unread extends ClientCall.Listener<DescribeTopicsResponse> {
    /** What it ended with; null: well. */
    private final CompletableFuture<HighwaterException> failure =
        new CompletableFuture<HighwaterException>().orTimeout(60, TimeUnit.SECONDS);

    private final ClientCall<DescribeTopicsRequest, DescribeTopicsResponse> call;

    Unread(ManagedChannel channel) {
      call = channel.newCall(MetadataServiceGrpc.getDescribeTopicsMethod(), CallOptions.DEFAULT);
      call.start(this, new Metadata());
      call.sendMessage(DescribeTopicsRequest.getDefaultInstance());
      call.halfClose();
    }

    void read() {
      call.request(2);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      failure.complete(
          status.isOk() ? null : StatusMapper.fromThrowable(status.asRuntimeException(trailers)));
    }
  }
}
